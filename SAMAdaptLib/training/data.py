"""Which slices and prompts a step sees: a function of seed, step and place in the batch, and of nothing else."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from skimage.transform import resize

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars.exemplar import Exemplar
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.mapping import single_mappings
from SAMAdaptLib.methods import get_method
from SAMAdaptLib.methods.base import KnownSlices, Shown
from SAMAdaptLib.prompts.strategies import generator
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.synthesis.compose import whole_slice
from SAMAdaptLib.synthesis.config import SynthesisConfig
from SAMAdaptLib.synthesis.dataset import SyntheticSet
from SAMAdaptLib.synthesis.written import SliceSet, WrittenSet
from SAMAdaptLib.training.config import CROSSED, TrainConfig
from SAMAdaptLib.training.prompting import draw, parse_mix
from SAMAdaptLib.training.split import held_out, held_out_slices, lacks, left_out_in_turn

# Branches of the random tree, so that one choice never shifts another.
SLICE, CORRECTION, SPLIT, TRIAL, KNOWN, FOUND, VALIDATION, COMPARISON, LESSON = range(9)


@dataclass(frozen=True, eq=False)
class TrainingItem:
    """One slice of a batch.

    Attributes:
        image: uint8 [H, W], or the stack [D, H, W] around it for a model with depth; of several channels [..., 3].
        frame: how it lies in the model input.
        prompts: P prompts.
        targets: bool [P, H, W], what each prompt asks for; all False on a slice without the object.
        classes: int [P], of which of the run's classes each prompt is.
        clicks: int [P] or one number for all, how many clicks into the error of the answers follow each prompt.
        place: of the slice that is meant, in its stack.
        shown: what is on the slice, for what learns from all of it.
    """

    image: np.ndarray
    frame: ModelFrame
    prompts: list[Prompt]
    targets: np.ndarray
    classes: np.ndarray
    clicks: np.ndarray | int = 0
    place: int = 0
    shown: Shown | None = None

    @property
    def masks(self) -> np.ndarray:
        """A label map as masks, float32 [1, K + 1, H, W], 1 on the background and on each class of a slice that was
        outlined, or is known to be empty."""
        assert self.shown is not None and self.shown.outlines is not None  # others are not drawn for a batch
        outlines = self.shown.outlines
        return np.stack([~outlines.any(0), *outlines])[None].astype(np.float32)


class TrainingData:
    """Exemplars, synthetic slices and empty slices of a run.

    Args:
        library: exemplars.
        config: of the run.
        input_size: side of the model input in pixels.
        low_res_size: side of the decoder's logits.
        synthetic: folder of a synthetic set to be used as it is; by default the run makes its own.
        left_out: patient of whom the run learns nothing, where it is one of those :attr:`in_turn` of a longer one.

    Attributes:
        in_turn: patients that are left out of a short training each, where that is the validation.
        validation: exemplars of patients that are held out.
        compared: held-out exemplars on which base and adapter are compared: those, in another order, or where "auto"
            holds no patient out, single slices; those of ``left_out``; none where the library is too small, no
            validation is wanted, or the adapter answers no prompts.

    Raises:
        InputError: no labelled exemplar, a class without any, exemplars with different axes, or of CT (or of others)
            with different intensity mappings;
            text prompts for a method that reads none, or a method that reads texts and prompts without any; no slice
            without some class for a method that learns from such slices.
    """

    def __init__(
        self,
        library: Library,
        config: TrainConfig,
        input_size: int,
        low_res_size: int,
        synthetic: str | os.PathLike[str] | None = None,
        left_out: str | None = None,
    ) -> None:
        self.config = config
        self.input_size = input_size
        self.low_res_size = low_res_size
        self.mix = parse_mix(config.prompts)
        _check_texts(any(strategy.texts for strategy, _ in self.mix), config)
        self.library = library
        infos = library.infos()
        labelled = [i for i in infos if i.classes]
        if not labelled:
            raise InputError(
                "No exemplar with a label", library.folder, "Add one with `samadapt exemplars add --image --labels`"
            )
        self.intensity = single_mappings(library)
        self.axis = _single("slice axes", {i.axis for i in labelled})
        _single("tiles", {f"{i.tile} pixels" if i.tile else "whole slices" for i in infos})
        self.tile = infos[0].tile
        self.classes = library.learnable()
        absences = get_method(config.method).learns_slices
        apart = held_out(infos, self.classes, absences, config.validation, generator(config.seed, SPLIT))
        self.validation = [library.load(i.id) for i in labelled if i.group in apart]
        kept: list[str] = []
        self.in_turn: list[str] = []
        prompted = config.of_method().prompted
        self._learns_all = absences or not prompted
        if config.validation == "auto" and not apart and prompted:
            kept = held_out_slices(infos, self.classes, absences, generator(config.seed, COMPARISON))
        elif left_out is not None:
            apart = {left_out}
        elif config.validation == CROSSED:
            self.in_turn = left_out_in_turn(infos, self.classes, absences, generator(config.seed, SPLIT))
        kept = kept or _shuffled([i.id for i in labelled if i.group in apart], generator(config.seed, COMPARISON))
        known = {e.info.id: e for e in self.validation}
        self.compared = [known.get(name) or library.load(name) for name in kept] if prompted else []
        training = [i for i in infos if i.group not in apart and i.id not in kept]
        self.exemplars = [library.load(i.id) for i in training if i.classes]
        self.empty = [library.load(i.id) for i in training if i.background]
        self.unlabelled = [library.load(i.id) for i in training if i.present]
        self._values = {c: library.classes.index(c) + 1 for c in self.classes}
        if absences:
            self._check_absences()
        self.depth, self._width, self._places = 1, 1, range(1)
        ids = [i.id for i in training]
        if synthetic is not None and not config.synthesis:
            raise InputError("A run without synthesis takes no synthetic set", synthetic, "Leave one of the two out")
        self.synthetic: SliceSet | None = None
        if synthetic is not None:
            self.synthetic = WrittenSet(synthetic, library, ids)
        elif config.synthesis:
            self.synthetic = self._synthetic_set(ids)
        self._pool = 0 if self.synthetic is None else len(self.synthetic)

    def _synthetic_set(self, ids: list[str]) -> SyntheticSet:
        config = self.config
        ranges = SynthesisConfig.from_dict(config.synthesis_config)
        return SyntheticSet(self.library, config.synthetic_count, config.seed, ranges, ids, self.classes, self._width)

    def _check_absences(self) -> None:
        """Raises InputError where a method that learns what is on a slice would never see one without some class."""
        config = self.config
        ranges = SynthesisConfig.from_dict(config.synthesis_config)
        made = config.synthesis and config.real_share < 1
        parted = made and ranges.whole_slice_share < 1 and ranges.organ_probability < 1
        known = [*self.exemplars, *self.unlabelled, *self.empty]
        for name in self.classes:
            # Of a slice that shows several classes, a synthetic one may leave out all but the class in turn.
            if not any(lacks(e.info, name) or (parted and len(e.info.classes) > 1) for e in known):
                raise InputError(
                    f"{config.method} learns which slices show {name} and which do not, and no training slice is known "
                    "to be without it",
                    self.library.folder,
                    "Add backgrounds, by `samadapt exemplars add --backgrounds 2` or by --slices 3,7 --present none",
                )

    def use_stacks(self, depth: int, anywhere: bool = False) -> None:
        """Give stacks of ``depth`` slices, of which one is meant: the one that was outlined.

        It is the middle, or with ``anywhere`` it lies, for a model that is to predict whole stacks, at a random one of
        the places for which all exemplars keep enough neighbours: all places with ``depth - 1`` neighbours on each
        side, only the middle with the fewest that an odd depth needs. The loss is on that place alone, since nobody
        outlined the others and so they have no labels. Still it trains all places: attention over depth has no
        positional bias, so that reordering a stack reorders its embeddings and changes nothing else. What the place
        decides is only which neighbours are seen, and at the ends of a stack those of one side are farther away.

        Raises:
            InputError: the exemplars keep too few neighbours.
        """
        everyone = (*self.exemplars, *self.empty, *self.compared, *self.validation)
        for exemplar in everyone:
            exemplar.stack(depth)
        # Stacks are made wide enough to be cut at any of the places.
        self.depth, self._width, self._places = depth, depth, range(depth // 2, depth // 2 + 1)
        if anywhere:
            kept = min(depth - 1, *(exemplar.info.neighbours for exemplar in everyone))
            self._width, self._places = 2 * kept + 1, range(depth - 1 - kept, kept + 1)
        if isinstance(self.synthetic, WrittenSet):
            raise InputError(
                "A synthetic set holds slices, and the method wants stacks", self.synthetic.folder, "Leave it out"
            )
        if self.synthetic is not None:
            self.synthetic = self._synthetic_set([e.info.id for e in (*self.exemplars, *self.empty)])

    def image(self, exemplar: Exemplar) -> np.ndarray:
        """What the encoder is to see of an exemplar: uint8 [H, W], or a stack [D, H, W] whose middle it is."""
        return exemplar.image if self.depth == 1 else exemplar.stack(self.depth)

    def _around(self, exemplar: Exemplar) -> np.ndarray:
        """uint8 [H, W], or its stack [width, H, W] from which one at any of the places can be cut."""
        return exemplar.image if self.depth == 1 else exemplar.stack(self._width)

    def limit_synthetic(self, count: int) -> None:
        """Draw from the first ``count`` synthetic slices only."""
        self._pool = min(self._pool, count)

    def frame(self, shape: tuple[int, ...], pixel_spacing: Sequence[float]) -> ModelFrame:
        """How a slice of a shape (H, W) lies in the model input."""
        (height, width), (rows, columns) = shape, pixel_spacing
        return ModelFrame((height, width), self.input_size, (rows, columns))

    def batch(self, step: int, slots: Iterable[int] | None = None) -> list[TrainingItem]:
        """The slices of one step: those at these places of the batch, or all."""
        return [self._item(step, slot) for slot in (range(self.config.batch_size) if slots is None else slots)]

    def _item(self, step: int, slot: int) -> TrainingItem:
        rng = generator(self.config.seed, SLICE, step, slot)
        if rng.random() < self.config.empty_share:
            item = self._empty_item(rng)
            if item is not None:
                return item
        real = rng.random() < self.config.real_share
        if self.synthetic is not None and not real:
            made = self.synthetic[int(rng.integers(self._pool))]
            image, labels, spacing = made.image, made.labels, made.pixel_spacing
        if self.synthetic is None or real or not np.isin(labels, list(self._values.values())).any():
            exemplar = self._exemplar_of(rng, self.classes[rng.integers(len(self.classes))])
            image, labels, spacing = self._around(exemplar), exemplar.labels, exemplar.info.pixel_spacing
        present = [place for place, value in enumerate(self._values.values()) if (labels == value).any()]
        classes = rng.choice(present, self.config.prompts_per_slice)
        masks = [labels == self._values[self.classes[place]] for place in classes]
        return self._prompted(image, spacing, labels, masks, np.stack(masks), classes, rng)

    def _shown(self, labels: np.ndarray, named: Collection[str] = ()) -> Shown:
        """What is on a slice: its labels, or where nobody outlined it what is named."""
        outlines = np.stack([labels == value for value in self._values.values()])
        if named:
            return Shown(np.array([c in named for c in self.classes]), None)
        return Shown(np.array([outline.any() for outline in outlines]), outlines)

    def known_slices(self, step: int, rows: Iterable[int] | None = None) -> KnownSlices:
        """``config.known_slices`` slices of which it is known what is on them, for a loss on whole slices.

        About half of them show a class drawn anew for each; they are moved and tinted as whole synthetic slices are.

        Args:
            step: its number.
            rows: which of them; by default all.
        """
        config = self.config
        ranges = SynthesisConfig.from_dict(config.synthesis_config)
        sources = self.exemplars + self.unlabelled + self.empty
        shown = np.array([[c in e.info.classes + e.info.present for c in self.classes] for e in sources])
        slices = KnownSlices([], [], [])
        for row in range(config.known_slices) if rows is None else rows:
            rng = generator(config.seed, KNOWN, step, row)
            wanted = shown[:, rng.integers(len(self.classes))] == (rng.random() < 0.5)
            source = sources[rng.choice(np.flatnonzero(wanted) if wanted.any() else len(sources))]
            made = whole_slice(source, rng, ranges)
            slices.images.append(made.image)
            slices.frames.append(self.frame(made.labels.shape, made.pixel_spacing))
            slices.shown.append(self._shown(made.labels, source.info.present))
        return slices

    def _exemplar_of(self, rng: np.random.Generator, name: str) -> Exemplar:
        members = [e for e in self.exemplars if name in e.info.classes]
        return members[rng.integers(len(members))]

    def _empty_item(self, rng: np.random.Generator) -> TrainingItem | None:
        """A slice without the prompted class, prompted where that class lies in another exemplar.

        Propagation asks just this beyond the ends of an object, and the right answer is an empty mask.
        """
        name = self.classes[rng.integers(len(self.classes))]
        without = self.empty + [e for e in self.exemplars if name not in e.info.classes + e.info.present]
        if not without:
            return None
        exemplar = without[rng.integers(len(without))]
        shape = exemplar.labels.shape
        masks = []
        for _ in range(self.config.prompts_per_slice):
            elsewhere = self._exemplar_of(rng, name).labels == self._values[name]
            fitted = resize(elsewhere, shape, order=0, anti_aliasing=False)
            masks.append(fitted if fitted.any() else resize(elsewhere.astype(float), shape, order=1) > 0)
        targets = np.zeros((len(masks), *shape), bool)
        classes = np.full(len(masks), self.classes.index(name))
        image, spacing = self._around(exemplar), exemplar.info.pixel_spacing
        return self._prompted(image, spacing, exemplar.labels, masks, targets, classes, rng)

    def _prompted(
        self,
        image: np.ndarray,
        spacing: Sequence[float],
        labels: np.ndarray,
        masks: Sequence[np.ndarray],
        targets: np.ndarray,
        classes: np.ndarray,
        rng: np.random.Generator,
    ) -> TrainingItem:
        frame = self.frame(labels.shape, spacing)
        prompts, clicks = [], []
        for mask, number in zip(masks, classes, strict=True):
            strategy = draw(self.mix, rng)
            prompts.append(strategy(mask, rng, frame, self.low_res_size, self.classes[number]))
            clicks.append(strategy.clicks)
        place = self._places[0] if len(self._places) == 1 else int(rng.choice(self._places))
        if self.depth > 1:
            image = image[self._width // 2 - place :][: self.depth]
        shown = self._shown(labels) if self._learns_all else None
        return TrainingItem(image, frame, prompts, targets, classes, np.array(clicks), place, shown)


def _check_texts(asked: bool, config: TrainConfig) -> None:
    reads = config.method_config.get("text") is not None
    if asked and not reads:
        raise InputError(
            f"The prompt mix asks by text, but {config.method} is set to read none",
            config.prompts,
            "Give --method msa --method-set text=CLIP, a folder or a hub id of a CLIP model",
        )
    if reads and not asked:
        raise InputError(
            "The method is to read texts, but the prompt mix has none to learn from",
            config.prompts,
            f"Add them to the mix: --prompts {config.prompts},text=0.5",
        )


def _shuffled(names: Sequence[str], rng: np.random.Generator) -> list[str]:
    return [names[place] for place in rng.permutation(len(names))]


def _single(what: str, values: set[str]) -> str:
    if len(values) > 1:
        raise InputError(
            f"The library mixes {what} ({', '.join(sorted(values))})",
            None,
            "Keep one library for each, since an adapter is trained for one",
        )
    return next(iter(values))
