"""All scans of a folder."""
