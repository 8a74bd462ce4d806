"""Works of the effect, brought to a stage and taken on from there, with a session that answers when it is told to."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from Testing.extension.effect_tools import RADIUS, conclude
from Testing.extension.test_effect_correction import done as mended
from Testing.extension.test_effect_correction import slices
from Testing.extension.test_effect_correction import tell as tell_slices
from Testing.extension.test_effect_propagation import done, masks_for
from Testing.extension.test_effect_whole_volume import ball, model, tell
from Testing.faults.application.incidents import SHAPE, Place
from Testing.harness.scenes import fill, middle

FOUND = ("liver", "left kidney")
SLICES = range(5, 12)


def disc(where: np.ndarray, slices: range | None = None) -> np.ndarray:
    """The known answer to a click at voxel (i, j, k), bool [K, J, I]."""
    i, j, k = where
    rows, columns = np.mgrid[: SHAPE[1], : SHAPE[2]]
    mask = np.zeros(SHAPE, bool)
    mask[round(k) if slices is None else list(slices)] = (columns - i) ** 2 + (rows - j) ** 2 <= RADIUS**2
    return mask


class Work:
    """One work; ``begin`` takes it to a stage, ``go_on`` does the rest whatever has happened in between.

    Args:
        place: where.
        stage: of STAGES.
    """

    STAGES: tuple[str, ...] = ()

    def __init__(self, place: Place, stage: str) -> None:
        self.place, self.session = place, place.session
        self.view = place.application.view("Red")
        self.stage, self.number = stage, self.STAGES.index(stage)
        self.xy = self.view.xyOf(middle(place.volume))
        import vtk

        matrix = vtk.vtkMatrix4x4()
        place.volume.GetRASToIJKMatrix(matrix)
        self.voxel = np.array(matrix.MultiplyPoint((*self.view.rasOf(self.xy), 1))[:3])

    @property
    def ui(self) -> Any:
        """The options of the effect, None where there is no editor."""
        editor = self.place.editor
        effect = editor and editor.effectByName("SAM Adapt")
        return effect and effect.self().options and effect.self().options.ui

    def begin(self) -> None:
        self._walk(range(1, self.number + 1))

    def go_on(self) -> None:
        self._walk(range(self.number + 1, len(self.STAGES)))
        self.place.application.pump()

    def _walk(self, numbers: range) -> None:
        for number in numbers:
            getattr(self, "to_" + self.STAGES[number])()

    @property
    def wanted(self) -> dict[str, np.ndarray]:
        """What is to be added to which segment where nothing comes in between."""
        raise NotImplementedError


class Click(Work):
    STAGES = ("ready", "pressed", "asked", "accepted", "written")

    def to_pressed(self) -> None:
        self.session.warm = False
        self.view.move(self.xy)
        self.view.event("LeftButtonPressEvent", self.xy)

    def to_asked(self) -> None:
        self.view.event("LeftButtonReleaseEvent", self.xy)

    def to_accepted(self) -> None:
        self.view.key("Return")

    def to_written(self) -> None:
        self.session.answer()

    @property
    def wanted(self) -> dict[str, np.ndarray]:
        return {"liver": disc(self.voxel)}


class Preview(Click):
    """A click that is accepted only once its answer is seen."""

    STAGES = ("ready", "pressed", "asked", "answered", "written")

    def to_answered(self) -> None:
        self.session.answer()

    def to_written(self) -> None:
        self.view.key("Return")


class Carry(Work):
    STAGES = ("ready", "clicked", "running", "arrived", "written")

    def to_clicked(self) -> None:
        self.view.clickAt(self.xy)

    def to_running(self) -> None:
        if self.ui:
            self.ui.bothButton.click()
        self._tell(range(20), tentative=True)

    def to_arrived(self) -> None:
        self._tell(SLICES)

    def to_written(self) -> None:
        if self.session.propagation is not None:
            done(self.session)

    def _tell(self, slices: range, tentative: bool = False) -> None:
        if self.session.propagation is not None:
            masks_for(self.session, slices, tentative)

    @property
    def wanted(self) -> dict[str, np.ndarray]:
        return {"liver": disc(self.voxel, SLICES)}


class Mend(Work):
    """What somebody has drawn, gone on with."""

    STAGES = ("ready", "running", "arrived", "written")

    def __init__(self, place: Place, stage: str) -> None:
        super().__init__(place, stage)
        # Beside what is to come, since another segment takes over what it is given.
        fill(place.segmentation, "liver", disc(self.voxel, range(15, 16)), place.volume)
        self.shown = slices(place.volume, disc(self.voxel, SLICES))[SLICES[0]]

    def to_running(self) -> None:
        if self.ui:
            self.ui.continueButton.click()
            self.view.clickAt(self.xy)
        self._tell(tentative=True)

    def to_arrived(self) -> None:
        self._tell()

    def to_written(self) -> None:
        if self.session.correction is not None:
            mended(self.session)

    def _tell(self, tentative: bool = False) -> None:
        if self.session.correction is not None:
            tell_slices(self.session, SLICES, self.shown, tentative)

    @property
    def wanted(self) -> dict[str, np.ndarray]:
        return {"liver": disc(self.voxel, SLICES)}


class Whole(Work):
    STAGES = ("ready", "running", "arrived", "prepared", "written")
    MASKS = {"liver": ball((10, 8, 10), 7), "left kidney": ball((10, 20, 30), 6)}

    def to_running(self) -> None:
        if self.ui:
            model(self.session, finds=True)
            self.ui.autoButton.click()
        self._tell(tentative=True)

    def to_arrived(self) -> None:
        self._tell()

    def to_prepared(self) -> None:
        from SAMAdaptLib.service.protocol import Done

        if self.session.segmentation is not None:
            conclude(self.session.segmentation[1], Done(88, {}))

    def to_written(self) -> None:
        # One object a turn of the event loop.
        with contextlib.suppress(AssertionError):
            self.place.application.pump(until=lambda: not self._running, seconds=10)

    @property
    def _running(self) -> bool:
        workbench = self.place.editor and self.place.editor.effect and self.place.editor.effect.workbench
        return bool(workbench and workbench.running)

    def _tell(self, tentative: bool = False) -> None:
        if self.session.segmentation is not None:
            tell(self.session, self.place.volume, self.MASKS, tentative)

    @property
    def wanted(self) -> dict[str, np.ndarray]:
        return self.MASKS


WORKS = {
    "click": Preview,
    "click accepted before its answer": Click,
    "propagation": Carry,
    "correction": Mend,
    "whole volume": Whole,
}
