"""The next slices worth labelling, of scans that nobody has labelled."""
