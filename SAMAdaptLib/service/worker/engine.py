"""The work of the inference worker: one model, one volume, and the planes of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.files import sha256_array
from SAMAdaptLib.jobs.load import LoadedModel, finds_objects, load_model, reads_texts
from SAMAdaptLib.prompts.types import BOX, BOX_CLICK, POINT, Prompt
from SAMAdaptLib.sam.cache import EmbeddingCache, embedding_key
from SAMAdaptLib.sam.decode import require_prompts
from SAMAdaptLib.sam.device import devices
from SAMAdaptLib.sam.encode import half_precision
from SAMAdaptLib.sam.families import has_memory
from SAMAdaptLib.sam.frames import ModelFrame
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.sam.registry import MODELS, BaseModel
from SAMAdaptLib.sam.tiles import Tiles, tiled
from SAMAdaptLib.service.packed import PackedMask
from SAMAdaptLib.service.protocol import (
    Answer,
    Correct,
    Done,
    Encoded,
    Load,
    Picture,
    Plane,
    Predict,
    Predicted,
    Prefetched,
    Progress,
    Propagate,
    Ready,
    SegmentVolume,
    SetNext,
    SetVolume,
    SlicePlane,
    VolumeReady,
)
from SAMAdaptLib.service.worker.next_scan import NextScan
from SAMAdaptLib.service.worker.scan import Scan, around, check_index, check_inside
from SAMAdaptLib.service.worker.through_volume import ThroughVolume
from SAMAdaptLib.shortage import lack
from SAMAdaptLib.volume.intensity import is_constant


class Engine:
    """Answers requests one at a time, always in the thread that calls it.

    Args:
        say: takes what is not a final answer.
        go_on: called between the parts of the encoder; raises to give the work up.
    """

    def __init__(self, say: Callable[[Answer], None], go_on: Callable[[], None] = lambda: None) -> None:
        self._say, self._go_on = say, go_on
        self._model: LoadedModel | None = None
        self._told: Load | None = None
        self._cache = EmbeddingCache()
        self._cache_folder: str | None = None
        self._scan: Scan | None = None
        self._next = NextScan(say, go_on)
        self._reach = 0
        self._ahead: list[SlicePlane] = []
        self._through = ThroughVolume(say, self._slices)

    def load(self, request: Load) -> Ready:
        """Build the model, and run it once, since the first run is slow; or have the one that is there answer with
        other weights."""
        begun = time.perf_counter()
        told = request if self._told is None else self._told
        same = told.weights != request.weights and replace(request, id=told.id, weights=told.weights) == told
        # Another one needs the memory of the one before.
        there, self._told, self._model = self._model if same else None, None, None
        self._forget_slices()
        if request.entry is not None:
            entry = BaseModel(**request.entry)
            MODELS[entry.name] = entry
        self._reach = request.prefetch

        def tell(done: int, total: int | None = None) -> None:
            self._say(Progress(request.id, done, total))

        def build(device: str) -> LoadedModel:
            return load_model(
                request.model,
                adapter=request.adapter,
                checkpoint=request.checkpoint,
                input_size=request.input_size,
                device=device,
                precision=request.precision,
                weights=request.weights,
                keep_base=True,
                progress=tell,
            )

        loaded, lacks = None, None
        try:
            loaded = build(request.device) if there is None else there.with_weights(request.weights)
        except RuntimeError as error:
            lacks = lack(error)
            if lacks is None or request.device == "cpu":
                raise
        # Outside the handler, whose traceback would keep the tensors alive.
        if loaded is None:
            note(f"The device {lacks} this model; it goes on on the CPU, which is slower")
            loaded = build("cpu")
        if request.cache_folder != self._cache_folder:
            self._cache = EmbeddingCache(folder=None if request.cache_folder is None else Path(request.cache_folder))
            self._cache_folder = request.cache_folder
        built = time.perf_counter()
        self._use(loaded)
        self._warm_up()
        self._told = request
        ms = {"load": _ms(begun, built), "warm_up": _ms(built)}
        model, info = self._loaded().predictor.model, loaded.info
        return Ready(
            request.id,
            model.device.type,
            model.base.name,
            None if info is None else asdict(info),
            ms,
            finds=finds_objects(model),
            texts=reads_texts(model),
            memory=has_memory(model.base),
            points=model.points,
            devices=devices(),
        )

    def set_volume(self, request: SetVolume) -> VolumeReady:
        """Look at the volume in shared memory, and measure it."""
        self._ahead.clear()
        if self._scan is None or request.segment != self._scan.told.segment:
            self.forget_volume()
            self._scan = self._next.hand_over(request) or Scan(request)
        scan = self._scan
        scan.forget_slices()
        scan.check()
        scan.told = request
        low, high = scan.bounds(self._trained())[:2]
        return VolumeReady(request.id, low, high)

    def set_next(self, request: SetNext) -> None:
        """Which volume to prepare in idle time."""
        self._next.set(request)

    def forget_volume(self) -> None:
        """Let go of the shared memory."""
        self._ahead.clear()
        if self._scan is not None:
            self._scan.detach()
            self._scan = None

    def encode(self, request: int, plane: Plane) -> Encoded:
        """Encode a plane, unless that was done before."""
        begun = time.perf_counter()
        if self._parts(plane) is None:
            self._embed_for_all(plane)
        self._plan_ahead(plane)
        return Encoded(request, {"encode": _ms(begun)})

    def predict(self, request: Predict) -> Predicted:
        """Answer a prompt; "queue" among the milliseconds is left to the caller."""
        begun, kind = time.perf_counter(), request.prompt.kind
        require_prompts(self._loaded().predictor.model.labels)
        if (tiles := self._parts(request.plane)) is not None:
            return self._predict_in_part(request, tiles)
        predictor = self._loaded().predictor.answering(kind)
        embedding, frame = self._embed(request.plane, predictor)
        encoded = time.perf_counter()
        check_inside(request.prompt, frame.shape)
        image = self._seen(request.plane) if predictor.model.guesses else None
        answer = predictor.decode(embedding, [request.prompt], frame, request.multimask, image)
        decoded = time.perf_counter()
        self._plan_ahead(request.plane)
        masks = [PackedMask.of(mask) for mask in answer.masks[0]]
        ms = {"queue": 0.0, "encode": _ms(begun, encoded), "decode": _ms(encoded, decoded), "pack": _ms(decoded)}
        low_res = answer.low_res[0] if request.want_logits else None
        by_base = kind if kind in self._loaded().predictor.by_base else ""
        return Predicted(request.id, masks, [float(v) for v in answer.iou[0]], low_res, ms, by_base)

    def _predict_in_part(self, request: Predict, tiles: Tiles) -> Predicted:
        """An answer on the part of a large slice around the prompt. What it was is no prompt for another part, so that
        no logits come with it."""
        begun, plane = time.perf_counter(), request.plane
        assert isinstance(plane, SlicePlane)
        check_index(plane.index, tiles.stack)
        check_inside(request.prompt, tiles.stack.shape)
        part, answer = tiles.ask(plane.index, request.prompt, request.multimask)
        answered = time.perf_counter()
        masks = [PackedMask.of(mask).placed(tiles.stack.shape, part.top, part.left) for mask in answer.masks[0]]
        ms = {"queue": 0.0, "encode": 0.0, "decode": _ms(begun, answered), "pack": _ms(answered)}
        kind = request.prompt.kind
        by_base = kind if kind in self._loaded().predictor.by_base else ""
        return Predicted(request.id, masks, [float(v) for v in answer.iou[0]], None, ms, by_base)

    def propagate(self, request: Propagate, stop: Callable[[], bool]) -> Done:
        """Carry an object through the volume; ``stop`` is asked before every slice."""
        return self._through.propagate(request, self._loaded(), stop)

    def correct(self, request: Correct, stop: Callable[[], bool]) -> Done:
        """Mend an object and carry it on; ``stop`` is asked before every slice."""
        return self._through.correct(request, self._loaded(), stop)

    def segment_volume(self, request: SegmentVolume, stop: Callable[[], bool]) -> Done:
        """Segment all slices, without prompts on any; ``stop`` is asked before every slice."""
        return self._through.segment(request, self._loaded(), stop)

    def work_ahead(self) -> bool:
        """Encode the next neighbour of the viewed slice, after all of them a slice of the volume that is likely to come
        next; returns False when there is nothing left to do."""
        while self._ahead:
            plane = self._ahead[0]
            slices = self._slices(plane.axis)
            keys = [slices.under(one).key(plane.index) for one in self._user_asks()]
            known = slices.is_constant(plane.index) or all(self._cache.get(key) is not None for key in keys)
            if not known:
                self._embed_for_all(plane)
                self._say(Prefetched(0, plane.axis, plane.index))
            self._ahead.remove(plane)
            if not known:
                return True
        if self._model is None:
            return False
        return self._next.work(self._model.predictor, self._user_asks(), self._cache, self._reach)

    def forget_ahead(self) -> None:
        """Leave alone what nobody has asked for, until the next request about it."""
        self._ahead.clear()
        self._next.give_up()

    def orphaned(self) -> None:
        """The application is gone: remove its segments in its place."""
        if self._scan is not None:
            self._scan.remove()
        self._next.orphaned()

    def _use(self, loaded: LoadedModel) -> None:
        self._model = loaded
        self._forget_slices()
        every = [loaded.predictor, *loaded.predictor.kept.values()]
        for module in (module for one in every for module in one.model.sam.image_encoder.modules()):
            if any(True for _ in module.children()) and not module._forward_pre_hooks:
                module.register_forward_pre_hook(lambda *given: self._go_on())

    def _user_asks(self) -> list[Predictor]:
        """Who answers what users ask on a slice."""
        predictor = self._loaded().predictor
        return list(dict.fromkeys(predictor.answering(kind) for kind in (POINT, BOX, BOX_CLICK)))

    def _warm_up(self) -> None:
        for predictor in self._user_asks():
            self._warm(predictor)

    def _warm(self, predictor: Predictor) -> None:
        side = predictor.model.input_size
        frame = predictor.frame((side, side))
        picture = np.arange(side * side, dtype=np.int64).reshape(side, side).astype(np.uint8)
        embedding = predictor.encode(picture, frame)
        if predictor.model.labels:
            predictor.label(embedding, frame)
        else:
            predictor.decode(embedding, [Prompt(points=np.ones((1, 2)), labels=np.ones(1, np.int64))], frame)

    def _trained(self) -> str:
        """The mapping of the adapter in use, where there is one."""
        return "" if self._model is None else self._model.predictor.model.intensity

    def _loaded(self) -> LoadedModel:
        if self._model is None:
            raise InputError("No model is loaded", None, "Choose a base model or an adapter")
        return self._model

    def _slices(self, axis: str) -> VolumePredictor:
        predictor = self._loaded().predictor
        if self._scan is None or not self._scan.checked:
            raise InputError("No volume is loaded", None, "Choose a volume")
        return self._scan.slices(predictor, axis, self._cache)

    def _parts(self, plane: Plane) -> Tiles | None:
        """The slices that a plane is one of, where they are seen in parts."""
        if not isinstance(plane, SlicePlane):
            return None
        slices = tiled(self._slices(plane.axis))
        return slices if isinstance(slices, Tiles) else None

    def _forget_slices(self) -> None:
        """The model is another one, or on another device."""
        if self._scan is not None:
            self._scan.forget_slices()
        self._next.begin_anew()

    def _embed_for_all(self, plane: Plane) -> None:
        for predictor in self._user_asks():
            self._embed(plane, predictor)

    def _embed(self, plane: Plane, predictor: Predictor) -> tuple[torch.Tensor, ModelFrame]:
        if isinstance(plane, Picture):
            return self._embed_picture(plane, predictor)
        slices = self._slices(plane.axis).under(predictor)
        check_index(plane.index, slices.stack)
        return slices.embedding(plane.index), slices.frame

    def _seen(self, plane: Plane) -> np.ndarray:
        """What the model sees of a plane, uint8 [H, W], or of several channels [H, W, 3]."""
        if isinstance(plane, Picture):
            slices = self._slices("axial")
            if plane.values.shape[2:] != slices.volume.array.shape[3:]:
                raise InputError("The picture and the volume differ in their channels", None, "Choose the volume again")
            return slices.intensity.seen(plane.values, slices.bounds)
        return self._slices(plane.axis).image(plane.index)

    def _embed_picture(self, plane: Picture, predictor: Predictor) -> tuple[torch.Tensor, ModelFrame]:
        slices = self._slices("axial")
        frame = predictor.frame(plane.values.shape[:2], plane.pixel_spacing)
        model = predictor.model
        key = embedding_key(
            model=model.identity,
            picture=sha256_array(plane.values, np.array(plane.pixel_spacing)),
            bounds=slices.bounds + slices.intensity.shares,
            precision=str(predictor.dtype),
        )
        kept = self._cache.get(key)
        if kept is None:
            image = self._seen(plane)
            if is_constant(image):
                raise InputError("This view shows one grey value only", None, "Move the view or change the intensity")
            # A plane that the volume holds no neighbours of is its own neighbour.
            seen = image if model.depth == 1 else np.repeat(image[None], model.depth, axis=0)
            kept = half_precision(predictor.encode(seen, frame)[0])
            self._cache.put(key, kept)
        return torch.from_numpy(kept.astype(np.float32))[None].to(model.device), frame

    def _plan_ahead(self, plane: Plane) -> None:
        """The neighbours of the viewed slice, the nearest first."""
        self._ahead.clear()
        if isinstance(plane, SlicePlane) and self._parts(plane) is None:
            near = around([plane], self._reach, lambda axis: self._slices(axis).stack.count)
            self._ahead = [each for each in near if each != plane]


def _ms(begun: float, ended: float | None = None) -> float:
    return ((time.perf_counter() if ended is None else ended) - begun) * 1000
