"""The ways to ask for a job: command line, Python, worker and the application's console, by one face."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import SAMAdaptLib as sa
from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import notes_to
from SAMAdaptLib.jobs.exemplars import add_exemplars, suggested
from SAMAdaptLib.prompts.ras import on_slices
from SAMAdaptLib.service.link.shared import SharedVolume
from SAMAdaptLib.service.protocol import Load, Predict, Propagate, SetVolume, SliceMask, SlicePlane
from SAMAdaptLib.service.worker.engine import Engine
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.planes import PlaneStack
from SAMAdaptLib.volume.volume import Volume, write_volume
from Testing.harness import scenes
from Testing.phantoms import SHAPE
from Testing.tiny import TINY_VIT

GEOMETRY = Geometry(SHAPE[::-1], np.diag([-1.0, -1.0, 3.0, 1.0]))
# The object "a", on slices that follow one another.
OUTLINE = np.zeros(SHAPE, bool)
OUTLINE[4:12, 15:30, 12:25] = True
POINT = (-18.0, -22.0, 24.0)
INDEX = 8
Stops = list[dict[str, Any]]


class Python:
    """A script that imports the library; the others answer alike.

    Attributes:
        notes: what the user was told on the way.

    Args:
        folder: for files.
        weights: of the small model.
    """

    def __init__(self, folder: Path, weights: Path) -> None:
        self.folder, self.weights = folder, weights
        self.notes: list[str] = []

    def add(self, scan: np.ndarray, **options: Any) -> None:
        """Slice INDEX into the library, with the outline of "a" unless classes are said to be "present"."""
        labels = None if "present" in options else _labels()
        with notes_to(self.notes.append):
            sa.add_exemplar(self.folder / "LIB", _volume(scan), labels, INDEX, **options)

    def suggest(self, scan: np.ndarray, count: int) -> None:
        """Slices of a strategy's choice into the library, and what goes with them."""
        chosen = suggested(_volume(scan), _labels(), count=count)
        add_exemplars(self.folder / "LIB", _volume(scan), _labels(), chosen)

    def segment(
        self, scan: np.ndarray, adapter: Path | None, intensity: str | None = None, weights: str = "auto"
    ) -> np.ndarray:
        """The object under POINT, bool [K, J, I]."""
        wanted = {"a": sa.RasPrompts(points=[POINT])}
        with notes_to(self.notes.append):
            return sa.segment(_volume(scan), self.model(adapter, weights), wanted, intensity=intensity)["a"].mask

    def carry(self, scan: np.ndarray, **rules: Any) -> tuple[np.ndarray, Stops]:
        """The same along all axes by the base model: bool [K, J, I], and what broke a rule."""
        wanted = {"a": sa.RasPrompts(points=[POINT])}
        found = sa.propagate(_volume(scan), self.model(None), wanted, all_axes=True, rules=rules)["a"]
        return found.mask, found.stops

    def model(self, adapter: Path | None, weights: str = "auto") -> Any:
        """The small model, with an adapter."""
        return sa.load_model(TINY_VIT.name, adapter=adapter, checkpoint=self.weights, device="cpu", weights=weights)


class Command(Python):
    """The command line."""

    def __init__(self, folder: Path, weights: Path, capsys: Any) -> None:
        super().__init__(folder, weights)
        self._capsys = capsys

    def add(self, scan: np.ndarray, present: Sequence[str] = ()) -> None:
        """See :class:`Python`."""
        what = ["--present", ",".join(present)] if present else ["--labels", self._outline()]
        self._run("exemplars", "add", *self._library(scan), "--slices", INDEX, *what)

    def suggest(self, scan: np.ndarray, count: int) -> None:
        """See :class:`Python`."""
        self._run("exemplars", "add", *self._library(scan), "--suggest", count, "--labels", self._outline())

    def segment(
        self, scan: np.ndarray, adapter: Path | None, intensity: str | None = None, weights: str = "auto"
    ) -> np.ndarray:
        """See :class:`Python`."""
        wish = [] if intensity is None else ["--intensity", intensity]
        return self._segment(scan, "--adapter", adapter, "--weights", weights, *wish)[0]

    def carry(self, scan: np.ndarray, **rules: Any) -> tuple[np.ndarray, Stops]:
        """See :class:`Python`."""
        words = [word for name, value in rules.items() for word in ("--" + name.replace("_", "-"), value)]
        return self._segment(scan, "--model", TINY_VIT.name, "--all-axes", *words)

    def _segment(self, scan: np.ndarray, *words: Any) -> tuple[np.ndarray, Stops]:
        output = self.folder / "found.seg.nrrd"
        prompt = ["--segment", "a", "--point=" + ",".join(map(str, POINT))]
        model = ["--checkpoint", self.weights, "--device", "cpu", *words]
        told = self._run("segment", "--image", self._image(scan), *prompt, *model, "--output", output, "--overwrite")
        return sa.read_labels(output).mask("a"), told["segments"]["a"]["stops"]

    def _library(self, scan: np.ndarray) -> list[Any]:
        return ["--library", self.folder / "LIB", "--image", self._image(scan)]

    def _image(self, scan: np.ndarray) -> Path:
        write_volume(self.folder / "scan.nrrd", scan, GEOMETRY)
        return self.folder / "scan.nrrd"

    def _outline(self) -> Path:
        sa.write_segmentation(self.folder / "scan.seg.nrrd", {"a": OUTLINE}, GEOMETRY)
        return self.folder / "scan.seg.nrrd"

    def _run(self, *words: Any) -> dict[str, Any]:
        self._capsys.readouterr()
        code = main([*map(str, words), "--json"])
        out, err = self._capsys.readouterr()
        if code:
            raise sa.InputError(err.strip().removeprefix("samadapt: error: "))
        told: dict[str, Any] = json.loads(out)
        self.notes += told.get("notes", [])
        return told


class Worker(Python):
    """The inference worker, in this process. None adds to a library: what adds is what asks it."""

    def segment(
        self, scan: np.ndarray, adapter: Path | None, intensity: str | None = None, weights: str = "auto"
    ) -> np.ndarray:
        """See :class:`Python`."""

        def ask(engine: Engine, prompts: dict[int, Any]) -> np.ndarray:
            mask = np.zeros(SHAPE, bool)
            mask[INDEX] = engine.predict(Predict(3, SlicePlane(INDEX), prompts[INDEX])).masks[0].full()
            return mask

        return self._asked(scan, ask, str(adapter), intensity, weights=weights)

    def carry(self, scan: np.ndarray, **rules: Any) -> tuple[np.ndarray, Stops]:
        """See :class:`Python`."""
        heard: list[Any] = []

        def ask(engine: Engine, prompts: dict[int, Any]) -> tuple[np.ndarray, Stops]:
            request = Propagate(3, "axial", list(prompts.items()), rules, all_axes=True)
            stops = engine.propagate(request, lambda: False).values["stops"]
            mask = np.zeros(SHAPE, bool)
            for one in heard:
                if isinstance(one, SliceMask) and not one.tentative:
                    mask[one.index] = one.mask.full()
            return mask, stops

        return self._asked(scan, ask, say=heard.append)

    def _asked(
        self,
        scan: np.ndarray,
        ask: Any,
        adapter: Any = None,
        intensity: Any = None,
        say: Any = print,
        weights: str = "auto",
    ) -> Any:
        engine, shared = Engine(say), SharedVolume(scan)
        engine.load(Load(1, TINY_VIT.name, str(self.weights), adapter, device="cpu", weights=weights))
        shared.fill(1.0)
        prompts = on_slices(sa.RasPrompts(points=[POINT]), PlaneStack(GEOMETRY, "axial")).prompts
        volume = SetVolume(2, shared.name, scan.shape, shared.dtype, GEOMETRY.ijk_to_ras, intensity, "scan")
        try:
            with notes_to(self.notes.append):
                engine.set_volume(volume)
            answer = ask(engine, prompts)
        except sa.InputError as error:
            # Its frames hold the array.
            answer = error.with_traceback(None)
        engine.forget_volume()
        shared.close()
        if isinstance(answer, sa.InputError):
            raise answer
        return answer


class Console(Python):
    """The application's console, and through it a worker in another process."""

    def __init__(self, folder: Path, weights: Path, logic: Any) -> None:
        super().__init__(folder, weights)
        self._logic = logic

    def add(self, scan: np.ndarray, **options: Any) -> None:
        """See :class:`Python`."""
        node = self._node(scan)
        labels = None if "present" in options else scenes.segmentation(node, a=OUTLINE)
        with notes_to(self.notes.append):
            self._logic.addExemplar(node, labels, INDEX, library=self.folder / "LIB", **options)

    def suggest(self, scan: np.ndarray, count: int) -> None:
        """See :class:`Python`."""
        node = self._node(scan)
        labels = scenes.segmentation(node, a=OUTLINE)
        self._logic.addSuggestedExemplars(node, labels, count, library=self.folder / "LIB")

    def segment(
        self, scan: np.ndarray, adapter: Path | None, intensity: str | None = None, weights: str = "auto"
    ) -> np.ndarray:
        """See :class:`Python`."""
        node, session = self._node(scan), self._logic.inference
        self._logic.activateAdapter(adapter, TINY_VIT.name, weights)
        session.logged.connect(self.notes.append)
        try:
            found = self._logic.segmentSlice(node, segmentName="a", points=[(*POINT, 1)], intensity=intensity)
        finally:
            session.logged.disconnect(self.notes.append)
        return scenes.segmentArray(found, "a", node).astype(bool)

    def carry(self, scan: np.ndarray, **rules: Any) -> tuple[np.ndarray, Stops]:
        """See :class:`Python`; what the segment has on the prompted slice stays, as the console only adds."""
        node, session, replies = self._node(scan), self._logic.inference, []
        self._logic.activateAdapter(None, TINY_VIT.name)
        found = self._logic.segmentSlice(node, segmentName="a", points=[(*POINT, 1)])
        usual = session.propagate

        def asked(*given: Any) -> Any:
            replies.append(usual(*given))
            return replies[-1]

        session.propagate = asked
        try:
            self._logic.propagate(node, found, "a", allAxes=True, **rules)
        finally:
            del session.propagate
        return scenes.segmentArray(found, "a", node).astype(bool), replies[0].result().values["stops"]

    def _node(self, scan: np.ndarray) -> Any:
        return scenes.volume(matrix=GEOMETRY.ijk_to_ras, array=scan, name="scan")


def _volume(scan: np.ndarray) -> Volume:
    return Volume(scan, GEOMETRY, "scan")


def _labels() -> Labels:
    return Labels(OUTLINE.astype(np.uint8), GEOMETRY, {"a": 1})
