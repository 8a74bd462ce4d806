"""What is taken where a user names nothing: said once, for the command line, the panel, the console and the API."""

from __future__ import annotations

MODEL = "lite_medsam"
METHOD = "lora"
MINUTES = 8.0
PRETRAINING_MINUTES = 60.0
AXIS = "axial"
DEVICE = "auto"
# Of an adapter: for each kind of prompt those that were better on held-out slices.
WEIGHTS = "auto"
# Weights that a model may answer with, beside an adapter's own.
BASE, HALFWAY = "base", "halfway"
# An adapter's own, with no box grown from a point.
PLAIN = "plain"
PRECISION = "auto"
# Where a server listens, and how many clients it takes at a time.
SERVER_PORT = 5757
SERVER_CLIENTS = 4
# Slices that are suggested as exemplars, and by which rule.
SUGGESTIONS = 6
STRATEGY = "most-labels"
# Slices that are suggested to be labelled next.
NEXT = 5
# How far from the labels pixels stay where a scan is defaced.
DEFACE_MM = 10.0
# Slices without a label that come with them, where labels run without a gap.
BACKGROUNDS = 2
# What a mask carried to the next slice needs: the least overlap, and how many slices in a row may lack it.
MIN_IOU = 0.5
MAX_MISSING = 2
# Of boxes from frame to frame, as a share of their side at each end.
TIME_GROWTH = 0.1
# Mappings where nothing else is known: of CT, and of other scans.
CT_WINDOW = "window:40/400"
PERCENTILES = "percentile:0.5/99.5"
# Slices are seen in parts where their longer side is more than so many times the model's input; the least of a part's.
LARGE, LEAST_TILE = 4, 32
# Surface distance that the normalised surface Dice forgives.
TOLERANCE_MM = 2.0
