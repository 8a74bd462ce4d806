"""The slices that a cell learns from where ``samadapt suggest`` names them, some at a time, as a user labels them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from SAMAdaptLib.defaults import NEXT
from SAMAdaptLib.study.draw import count_of

if TYPE_CHECKING:
    from SAMAdaptLib.exemplars.library import Library
    from SAMAdaptLib.study.task import Source, Task
    from SAMAdaptLib.volume.labels import Labels
    from SAMAdaptLib.volume.volume import Volume


def add_suggested(
    library: Library,
    task: Task,
    add: Callable[[Source, list[int], bool], None],
    cancelled: Callable[[], bool],
) -> None:
    """Have slices suggested, label them, and have the next ones suggested with these known, until there are enough.

    The base model looks at the scans and sees no label but those in the library. It chooses among the slices that
    random drawing has, too: those that show a structure.

    Args:
        library: empty; filled by ``add``.
        task: with the rule "suggested"; its sources name the slices that may be chosen.
        add: adds these slices of a scan, and if wanted slices of it without a label.
        cancelled: asked between slices.

    Raises:
        InputError: what loading the model or looking at the scans raises.
        Cancelled: ``cancelled`` said so.
    """
    from SAMAdaptLib.jobs.load import load_model
    from SAMAdaptLib.jobs.suggest.next_slices import next_slices
    from SAMAdaptLib.jobs.suggest.scans import Scan
    from SAMAdaptLib.sam.cache import EmbeddingCache

    own, config, sources = task.cell.own, task.cell.config, task.sources
    model = load_model(
        config.model,
        checkpoint=own.checkpoint,
        input_size=config.input_size,
        device=config.device,
        precision=config.precision,
    )
    scans = [Scan(source.scan.name, partial(_unlabelled, task, source)) for source in sources]
    pool = [source.share.indices or () for source in sources]
    cache, taken = EmbeddingCache(), [list[int]() for _ in sources]
    left = count_of([len(indices) for indices in pool], own.slices)
    while left:
        found = next_slices(
            scans,
            library=library if any(taken) else None,
            count=min(NEXT, left),
            among=pool,
            axis=task.reading.axis,
            intensity=task.reading.intensity,
            model=model,
            cache=cache,
            cancelled=cancelled,
        )
        for one in found.slices:
            add(sources[one.place], [one.index], False)
            taken[one.place].append(one.index)
        left -= len(found.slices)
    for source, indices in zip(sources, taken, strict=True):
        if indices or own.slice_labels:
            # Those that are there already are passed over, and are not among the rest.
            add(source, indices, True)


def _unlabelled(task: Task, source: Source) -> tuple[Volume, Labels | None]:
    return task.reading.read(source.scan)[0], None
