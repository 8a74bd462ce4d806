"""A model whose answers are known in closed form, and what tests of the effect need in every file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

SAMADAPT = Path(__file__).resolve().parents[2] / "SAMAdapt"
EFFECT = SAMADAPT / "SegmentEditorSAMAdaptLib" / "SegmentEditorEffect.py"
RADIUS = 5


def answer_to(prompt, shape, radius=RADIUS):
    """Discs about the positive points and the box's inside, less discs about the negative points: bool [H, W]."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    mask = np.zeros(shape, bool)
    for sign in (1, 0):
        for (x, y), label in zip(prompt.points, prompt.labels, strict=True):
            if label == sign:
                mask[(columns - x) ** 2 + (rows - y) ** 2 <= radius**2] = bool(sign)
        if sign and prompt.box is not None:
            x0, y0, x1, y1 = prompt.box
            mask |= (columns >= x0) & (columns <= x1) & (rows >= y0) & (rows <= y1)
    return mask


class KnownSession:
    """Behaves like InferenceSession. ``ready`` planes are answered at once; others when :meth:`answer` is called."""

    def __init__(self):
        from SAMAdaptModuleLib.app.Signal import Signal

        self.failed, self.died, self.downloadProgress, self.ready = Signal(), Signal(), Signal(), Signal()
        self.warm, self.choice, self.info = True, None, None
        self.loading, self.missing = False, []
        self.log, self.waiting, self.notes = [], [], []
        self.propagation = self.segmentation = None

    def install(self):
        self.log.append(("install",))

    def cancelLoading(self):
        self.loading = False
        self.log.append(("cancelLoading",))

    def useModel(self, choice):
        self.log.append(("model", choice))

    def useVolume(self, volumeNode, intensity=None):
        self.log.append(("volume", volumeNode.GetName(), intensity))

    def encode(self, plane):
        self.log.append(("encode", plane.key))

    def isReady(self, plane):
        return self.warm

    def note(self, stage, ms, request=None):
        self.notes.append((stage, ms))

    def _predicted(self, plane, prompt, multimask):
        from SAMAdaptLib.service.protocol import PackedMask, Predicted

        radii = (2 * RADIUS, RADIUS // 2, RADIUS) if multimask else (RADIUS,)
        masks = [PackedMask.of(answer_to(prompt, plane.shape, radius)) for radius in radii]
        return Predicted(1, masks, [0.5, 0.6, 0.9][-len(masks) :], None, {})

    def predictWithin(self, plane, prompt, multimask, seconds, onAnswer=None, onError=None):
        self.log.append(("predict", plane.key, multimask))
        return self._predicted(plane, prompt, multimask)

    def predict(self, plane, prompt, multimask=False, onAnswer=None, onError=None):
        self.log.append(("predict", plane.key, multimask))
        self.waiting.append((onAnswer, onError, self._predicted(plane, prompt, multimask)))
        return len(self.log)

    def answer(self):
        waiting, self.waiting = self.waiting, []
        for onAnswer, _onError, predicted in waiting:
            onAnswer(predicted)

    def fail(self, error):
        waiting, self.waiting = self.waiting, []
        for _onAnswer, onError, _predicted in waiting:
            onError(error)

    def cancelAll(self):
        self.log.append(("cancelAll",))

    def propagate(self, axis, prompts, rules, onSlice, onProgress, onDone, onError):
        self.propagation = (axis, prompts, rules, onSlice, onProgress, onDone, onError)
        return 77

    def segmentVolume(self, texts, onSlice, onProgress, onDone, onError):
        self.segmentation = (texts, onSlice, onProgress, onDone, onError)
        return 88

    def cancel(self, request):
        self.log.append(("cancel", request))


def disc(plane, world, radius=RADIUS):
    """The closed-form answer to one positive click at a world position."""
    from SAMAdaptLib.prompts.types import Prompt

    return answer_to(Prompt(plane.worldToPixel(np.atleast_2d(world)), [1]), plane.shape, radius)


def segment_array(segmentation, segment, volume):
    import slicer

    return slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, segment, volume) > 0


@pytest.fixture(name="session")
def known_session(application, monkeypatch):
    """The model with known answers in place of the shared session."""
    monkeypatch.syspath_prepend(str(SAMADAPT))
    from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession

    known = KnownSession()
    monkeypatch.setattr(InferenceSession, "instance", classmethod(lambda cls: known))
    return known


@pytest.fixture(name="editor")
def active_editor(application, session, segmentation_node, volume_node):
    """A segment editor with the effect active on "liver", and the volume in the Red view."""
    application.registerEffect(EFFECT)
    editor = application.segmentEditor(segmentation_node, volume_node, "liver")
    editor.setActiveEffect("SAM Adapt")
    application.view("Red").show(volume_node)
    application.pump()
    yield editor
    application.forgetEffects()


def middle(node):
    """World position of a volume's centre."""
    bounds = [0.0] * 6
    node.GetRASBounds(bounds)
    return np.array([(bounds[i] + bounds[i + 1]) / 2 for i in (0, 2, 4)])
