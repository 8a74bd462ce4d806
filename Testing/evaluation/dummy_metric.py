"""A metric of the tests: the share of the truth that was found."""

import numpy as np

from SAMAdaptLib.evaluation.metrics import Metric


def found_share(pair):
    """|A and B| / |A|, 0..1."""
    return np.count_nonzero(pair.truth & pair.prediction) / np.count_nonzero(pair.truth)


FOUND = Metric("Found", found_share, by_slice=True)
