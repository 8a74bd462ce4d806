"""Geometry, reading and writing, intensity and planes of volumes."""

from SAMAdaptLib.names import take_utf8_paths

# Before SimpleITK opens the first file.
take_utf8_paths()
