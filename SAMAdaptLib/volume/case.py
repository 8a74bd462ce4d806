"""Labels as they belong to a scan."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.volume.labels import Labels, merge, on_grid, tell_of_other_source
from SAMAdaptLib.volume.names import with_names, without_names
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import Volume

# Of a label map of the whole body; more are counted in a message instead of listed.
MOST_NAMES = 12


def labels_of(
    volume: Volume,
    path: str | os.PathLike[str],
    *,
    merged: Mapping[str, Sequence[int]] | None = None,
    names: Mapping[int, str] | None = None,
    elsewhere: Collection[int] = (),
    resample: bool = False,
) -> Labels:
    """The labels of a scan on its grid, named and merged as asked; a note tells of labels that nothing names.

    Args:
        volume: the scan.
        path: of its labels.
        merged: structure name to the values that it consists of; by default each value is one.
        names: of values, where nothing is merged.
        elsewhere: values of ``merged`` that may be absent, since other scans have them.
        resample: resample labels that lie on another grid.

    Raises:
        InputError: labels that cannot be read, are the image itself, have none of the names or lie on another grid; see
            :func:`SAMAdaptLib.volume.labels.merge`.
    """
    found = read_labels(path, volume)
    tell_of_other_source(found, volume, path)
    if np.array_equal(found.array, volume.array):
        raise InputError("The labels are the image itself", path, "Give the label map that was drawn on it")
    if merged:
        found = merge(found, {name: [*values] for name, values in merged.items()}, elsewhere)
    elif names is not None:
        found = with_names(found, dict(names), path)
    unnamed = without_names(found.names) if found.made_up else []
    if unnamed:
        rest = f", ... ({len(unnamed)} in all)" if len(unnamed) > MOST_NAMES else ""
        note(
            f"Nothing names the labels, which are therefore called {', '.join(unnamed[:MOST_NAMES])}{rest}",
            path,
            f"Name them by --names FILE, or by --merge liver={found.names[unnamed[0]]}",
        )
    return on_grid(found, volume.geometry, resample)
