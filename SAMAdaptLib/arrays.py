"""Kinds of arrays, as types: what the elements are. Shapes, units and frames stand in the docstrings."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Mask: TypeAlias = NDArray[np.bool_]
Grey: TypeAlias = NDArray[np.uint8]
Index: TypeAlias = NDArray[np.int64]
Single: TypeAlias = NDArray[np.float32]
Real: TypeAlias = NDArray[np.floating[Any]]
Double: TypeAlias = NDArray[np.float64]
