"""A page in the browser on which scans are segmented by clicks and boxes, for people without Slicer."""
