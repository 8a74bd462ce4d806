"""SAMAdapt: adapt Segment Anything to your anatomy with a handful of labelled slices."""

__version__ = "0.1.0"
