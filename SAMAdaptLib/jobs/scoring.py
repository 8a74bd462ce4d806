"""A model on one labelled scan, in the settings that matter, and the score of every label."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from SAMAdaptLib.defaults import TOLERANCE_MM
from SAMAdaptLib.errors import Cancelled, InputError
from SAMAdaptLib.evaluation.figures import LabelResult, label_result
from SAMAdaptLib.jobs.load import finds_objects
from SAMAdaptLib.jobs.policy import propagation_rules, require_finder
from SAMAdaptLib.jobs.slices import Answer, SliceEvent, find_objects, on_all, on_each_slice, propagated
from SAMAdaptLib.prompts.strategies import Strategy, generator, next_click
from SAMAdaptLib.prompts.types import BOX, BOX_CLICK, PROPAGATION, Prompt, SliceResult
from SAMAdaptLib.propagation.propagate import finish
from SAMAdaptLib.propagation.rules import PropagationRules
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.sam.tiles import Tiles
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.planes import PlaneStack

ORACLE = (
    "Oracle slices: the model is prompted from the truth on every scored slice where the label is, and nowhere else, "
    "as in the published studies; false positives on other slices are impossible."
)
AUTOMATIC = (
    "Oracle slices, found prompts: on every scored slice where the label is, the model finds its own prompts, or needs "
    "none, and is told nothing; what it finds on other slices is not scored."
)
FOUND = (
    "Whole volume, found prompts: on every slice of the volume the model finds its own prompts, or needs none, and is "
    "told nothing; what it finds on a single slice only is dropped, and all slices are scored."
)
PROPAGATED = (
    "Whole volume: the model is prompted from the truth on one slice, the one where the label is largest, and the "
    "result is propagated through the volume and scored on all slices."
)
BY_MEMORY = "From slice to slice the object is carried by the model's own memory of other slices."
Progress = Callable[[int, int], None]


def parse_slices(text: str | None) -> Callable[[np.ndarray], list[int]]:
    """Read which slices to score: None for all, "every:9", or "12,40".

    Returns a function from the indices where the label is (ascending) to those scored.

    Raises:
        InputError: another form.
    """
    if text is None:
        return lambda present: [int(i) for i in present]
    word, _, number = text.partition(":")
    if word == "every" and number.isdigit() and int(number) > 0:
        step = int(number)
        # The middle of each run of nine rather than its first: object ends hold a few pixels only.
        return lambda present: [int(i) for i in present[min(step // 2, (len(present) - 1) // 2) :: step]]
    try:
        wanted = sorted({int(part) for part in text.split(",")})
    except ValueError:
        raise InputError("Cannot read which slices to score", text, "Write every:9 or 12,40") from None
    return lambda present: [i for i in wanted if i in set(present.tolist())]


def _frame_box(mask: np.ndarray, rng: np.random.Generator | None = None) -> Prompt:
    height, width = mask.shape
    return Prompt(box=np.array([0, 0, width - 1, height - 1]))


# The box of the whole slice, whatever is on it: the strategy that knows nothing, for comparison.
whole_image = Strategy("whole-image", (_frame_box,))


def kinds(strategy: Strategy, propagate: bool = False) -> list[str]:
    """Kinds of the prompts that a strategy asks, the last ones last."""
    first = strategy(np.ones((3, 3), bool), generator(0)).kind
    clicked = [BOX_CLICK] if first == BOX and strategy.clicks else []
    return [first, *clicked, *([PROPAGATION] if propagate else [])]


def evaluate_oracle(
    predictor: VolumePredictor | Tiles,
    labels: Labels,
    strategy: Strategy,
    choose: Callable[[np.ndarray], list[int]],
    seed: int = 0,
    tolerance_mm: float = TOLERANCE_MM,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, LabelResult]:
    """Prompt from the truth on each chosen slice of each label (:data:`ORACLE`).

    Args:
        predictor: on the scan.
        labels: on the scan's grid.
        strategy: how truth becomes a prompt; further clicks go to the innermost pixel of the largest error, and with
            them the last answer where mask prompts help the model. The last answer is scored.
        choose: from the slices where a label is to those scored; see :func:`parse_slices`.
        seed: of random strategies.
        tolerance_mm: of NSD.
        progress: called with (slices done, slices in all).
        cancelled: asked before every slice.

    Raises:
        Cancelled: ``cancelled`` said so.
    """
    truths = {name: predictor.stack.view(labels.mask(name)) for name in labels.names}
    ask = clicked(predictor, truths, strategy, seed)

    def answer(index: int, names: Sequence[str]) -> dict[str, Answer]:
        *_, last = ask(index, names)
        return last

    return slice_by_slice(predictor.stack, truths, answer, choose, tolerance_mm, progress, cancelled)


def clicked(
    predictor: VolumePredictor | Tiles, truths: dict[str, np.ndarray], strategy: Strategy, seed: int
) -> Callable[[int, Sequence[str]], Iterator[dict[str, Answer]]]:
    """Asks about labels on a slice: the answers to the strategy's prompts, and again after each further click.

    Args:
        predictor: on the scan.
        truths: of all labels, bool [count, H, W].
        strategy, seed: see :func:`evaluate_oracle`.

    Returns:
        from a slice index and names of labels to their answers, see :func:`rounds`.
    """
    rules = propagation_rules(mask_prompts=predictor.predictor.answering(kinds(strategy)[-1]).model.mask_prompts)

    def ask(index: int, names: Sequence[str]) -> Iterator[dict[str, Answer]]:
        prompts = [strategy(truths[name][index], generator(seed, index, list(truths).index(name))) for name in names]
        shown = [truths[name][index] for name in names]
        for answers, given in rounds(_asker(predictor, index), prompts, shown, strategy.clicks, rules):
            yield {n: Answer(one.mask, one.iou, p) for n, one, p in zip(names, answers, given, strict=True)}

    return ask


def evaluate_automatic(
    predictor: VolumePredictor | Tiles,
    labels: Labels,
    classes: Sequence[str],
    choose: Callable[[np.ndarray], list[int]] | None,
    tolerance_mm: float = TOLERANCE_MM,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, LabelResult]:
    """Let the model find its own prompts on each chosen slice of each label (:data:`AUTOMATIC`), or on every slice of
    the volume (:data:`FOUND`).

    Labels that the adapter has no class for are left out; of several boxes of a class the largest is in the result.
    The other arguments are as for :func:`evaluate_oracle`.

    Args:
        classes: names of what the adapter finds, in its own order.
        choose: as there; None for the whole volume.

    Raises:
        InputError: a model that does not find objects, or no label with the name of a class.
        Cancelled: ``cancelled`` said so.
    """
    require_finder(finds_objects(predictor.predictor.model))

    def look(index: int) -> dict[str, Answer]:
        return find_objects(predictor, index, classes)

    return evaluate_found(predictor.stack, look, labels, classes, choose, tolerance_mm, progress, cancelled)


def evaluate_found(
    stack: PlaneStack,
    look: Callable[[int], dict[str, Answer]],
    labels: Labels,
    classes: Sequence[str],
    choose: Callable[[np.ndarray], list[int]] | None,
    tolerance_mm: float = TOLERANCE_MM,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, LabelResult]:
    """As :func:`evaluate_automatic`, of anything that finds classes on slices.

    Args:
        stack: the slices.
        look: slice index to what is found there, an answer for each class.
    """
    truths = {name: stack.view(labels.mask(name)) for name in labels.names if name in classes}
    if not truths:
        raise InputError(
            f"None of the labels ({', '.join(labels.names)}) has the name of a class of the adapter",
            None,
            f"Name labels {', '.join(classes)}, for instance with --merge",
        )

    if choose is not None:
        return slice_by_slice(
            stack, truths, lambda index, names: look(index), choose, tolerance_mm, progress, cancelled
        )
    given: dict[str, dict[int, Prompt]] = {name: {} for name in truths}
    found = finish(on_all(stack, classes, look, cancelled=cancelled), _listener(given, progress))
    if any(one.cancelled for one in found.values()):
        raise Cancelled()
    every = list(range(stack.count))
    masks = {name: stack.view(found[name].mask) for name in truths}
    return {
        name: label_result(stack, truth, masks[name], every, given[name], tolerance_mm)
        for name, truth in truths.items()
    }


def slice_by_slice(
    stack: PlaneStack,
    truths: dict[str, np.ndarray],
    answer: Callable[[int, Sequence[str]], dict[str, Answer]],
    choose: Callable[[np.ndarray], list[int]],
    tolerance_mm: float,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> dict[str, LabelResult]:
    """Score labels on the slices chosen for each; ``answer`` may tell of labels that it was not asked for."""
    chosen = {name: choose(np.flatnonzero(truth.any(axis=(1, 2)))) for name, truth in truths.items()}
    masks = {name: np.zeros(truth.shape, bool) for name, truth in truths.items()}
    given: dict[str, dict[int, Prompt]] = {name: {} for name in truths}

    def asked(index: int) -> dict[str, Answer]:
        names = [name for name in truths if index in chosen[name]]
        found = answer(index, names)
        for name in names:
            masks[name][index] = found[name].mask
        return {name: found[name] for name in names}

    indices = sorted({i for slices in chosen.values() for i in slices})
    if finish(on_each_slice(stack, indices, asked, cancelled), _listener(given, progress)):
        raise Cancelled()
    return {
        name: label_result(stack, truth, masks[name], chosen[name], given[name], tolerance_mm)
        for name, truth in truths.items()
    }


def _listener(given: dict[str, dict[int, Prompt]], progress: Progress | None) -> Callable[[SliceEvent], None]:
    """Hears of slices: notes by name and slice what the model was prompted with, and tells the progress."""

    def tell(event: SliceEvent) -> None:
        for name, one in event.answers.items():
            if name in given and one.prompt is not None:
                given[name][event.index] = one.prompt
        if progress is not None:
            progress(event.done, event.total)

    return tell


def evaluate_propagated(
    predictor: VolumePredictor | Tiles,
    labels: Labels,
    strategy: Strategy,
    rules: PropagationRules | None = None,
    seed: int = 0,
    tolerance_mm: float = TOLERANCE_MM,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, LabelResult]:
    """Prompt each label on its largest slice and propagate (:data:`PROPAGATED`); arguments as for the other setting.

    Clicks of the strategy go to that slice until its answer is as good as they make it, and propagation starts there.
    """
    results = {}
    names = list(labels.names)
    stack, count = predictor.stack, predictor.stack.count
    rules = rules or rules_of_propagation(predictor)
    for number, name in enumerate(names):
        truth = stack.view(labels.mask(name))
        mask, given = np.zeros(truth.shape, bool), {}
        if truth.any():
            key = int(truth.sum(axis=(1, 2)).argmax())
            first = strategy(truth[key], generator(seed, key, number))
            if strategy.clicks:

                def ask(prompts: Sequence[Prompt], key: int = key) -> list[SliceResult]:
                    return [predictor(key, one) for one in prompts]

                *_, (_, (first,)) = rounds(ask, [first], [truth[key]], strategy.clicks, rules)
            given = {key: first}

            def tell(event: SliceEvent, number: int = number) -> None:
                if progress is not None:
                    progress(number * count + event.done, len(names) * count)

            events = propagated(lambda axis: predictor, stack.axis, name, given, rules, cancelled=cancelled)
            found = finish(events, tell)
            if found.cancelled:
                raise Cancelled()
            mask = stack.view(found.mask)
        results[name] = label_result(stack, truth, mask, list(range(count)), given, tolerance_mm)
    return results


def rules_of_propagation(predictor: VolumePredictor | Tiles, memory: bool = False) -> PropagationRules:
    """Rules that suit the model which answers propagation, by its memory of other slices if so wanted."""
    helped = predictor.predictor.answering(PROPAGATION).model.mask_prompts
    return propagation_rules({"memory": memory}, helped)


def _asker(predictor: VolumePredictor | Tiles, index: int) -> Callable[[Sequence[Prompt]], list[SliceResult]]:
    """Asks about several objects on a slice, at once where it is seen whole."""

    def ask(prompts: Sequence[Prompt]) -> list[SliceResult]:
        if isinstance(predictor, Tiles):
            return [predictor(index, one) for one in prompts]
        found = predictor.predict(index, prompts)
        return [
            SliceResult(mask[0], logits[0], float(iou[0]))
            for mask, logits, iou in zip(found.masks, found.low_res, found.iou, strict=True)
        ]

    return ask


def rounds(
    ask: Callable[[Sequence[Prompt]], list[SliceResult]],
    prompts: Sequence[Prompt],
    truths: Sequence[np.ndarray],
    clicks: int,
    rules: PropagationRules,
) -> Iterator[tuple[list[SliceResult], list[Prompt]]]:
    """The answers on a slice and the prompts that gave them: at first, and after each of up to ``clicks`` further
    clicks on every object that is not right yet; ends early where all are."""
    answers, prompts = ask(prompts), list(prompts)
    yield answers, prompts
    for _ in range(clicks):
        again = {}
        for row, (prompt, answer) in enumerate(zip(prompts, answers, strict=True)):
            following = next_click(prompt, truths[row], answer.mask, rules.carried(answer.logits))
            if following is not None:
                again[row] = following
        if not again:
            return
        # Those given out before stay as they are.
        answers, prompts = [*answers], [*prompts]
        for (row, prompt), answer in zip(again.items(), ask(list(again.values())), strict=True):
            prompts[row], answers[row] = prompt, answer
        yield answers, prompts
