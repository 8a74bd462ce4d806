"""A model whose answers are known in closed form, and what tests of the effect need in every file."""

from __future__ import annotations

import contextlib
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from SAMAdaptModuleLib.worker.Session import Session

from Testing.service.peers import ENVIRONMENT, PATIENCE

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


def edit_inside_spleen(editor, segmentation_node, volume_node):
    """Fill half of the volume with a segment, inside which alone the editor may write, over no other one: uint8
    [K, J, I]."""
    import slicer

    block = np.zeros((20, 30, 40), np.uint8)
    block[:, :, 20:] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(block, segmentation_node, "spleen", volume_node)
    editor.node.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment)
    editor.node.SetMaskSegmentID("spleen")
    editor.node.SetOverwriteMode(editor.node.OverwriteNone)
    return block


class KnownPeer:
    """Where the replies of :class:`KnownSession` come from."""

    def __init__(self, log):
        self.log = log

    def error_of(self, answer):
        from SAMAdaptModuleLib.app.Polling import errorOf

        return errorOf(answer)

    def cancel(self, reply):
        self.log.append(("cancel", type(reply.message).__name__))

    def wait_for(self, reply, seconds, alone):
        return reply.done()


def conclude(reply, answer):
    """The worker gives its final answer."""
    reply.answer = answer
    reply.tell(answer)


class KnownSession(Session):
    """Planes are answered at once while it is ``warm``, else when :meth:`answer` is called."""

    info, loading, missing = None, False, []

    def __init__(self):
        from SAMAdaptModuleLib.app.Signal import Signal

        self.failed, self.died, self.downloadProgress, self.ready = Signal(), Signal(), Signal(), Signal()
        self.warm, self.choice, self.info = True, None, None
        self.loading, self.missing, self.byBase = False, [], ""
        self.log, self.waiting, self.notes = [], [], []
        self.propagation = self.segmentation = self.correction = self.next = None
        self.peer = KnownPeer(self.log)

    def install(self):
        self.log.append(("install",))

    def cancelLoading(self):
        self.loading = False
        self.log.append(("cancelLoading",))

    def useModel(self, choice):
        self.log.append(("model", choice))

    def useVolume(self, volumeNode, intensity=None):
        self.log.append(("volume", volumeNode.GetName(), intensity))

    def useNext(self, volumeNode, planes, intensity):
        self.next = (volumeNode and volumeNode.GetName(), list(planes), intensity)

    def encode(self, plane):
        self.log.append(("encode", plane.key))

    def isReady(self, plane):
        return self.warm

    def note(self, stage, ms, request=None):
        self.notes.append((stage, ms))

    def _predicted(self, plane, prompt, multimask):
        from SAMAdaptLib.service.packed import PackedMask
        from SAMAdaptLib.service.protocol import Predicted

        radii = (2 * RADIUS, RADIUS // 2, RADIUS) if multimask else (RADIUS,)
        masks = [PackedMask.of(answer_to(prompt, plane.shape, radius)) for radius in radii]
        return Predicted(1, masks, [0.5, 0.6, 0.9][-len(masks) :], None, {}, self.byBase)

    def predict(self, plane, prompt, multimask=False):
        from SAMAdaptLib.service.protocol import Predict
        from SAMAdaptLib.service.reply import Reply

        self.log.append(("predict", plane.key, multimask))
        reply = Reply(self.peer, Predict(len(self.log), None, prompt))
        predicted = self._predicted(plane, prompt, multimask)
        if self.warm:
            conclude(reply, predicted)
        else:
            self.waiting.append((reply, predicted))
        return reply

    def answer(self):
        waiting, self.waiting = self.waiting, []
        for reply, predicted in waiting:
            conclude(reply, predicted)

    def fail(self, error):
        from SAMAdaptLib.service.protocol import Failed

        waiting, self.waiting = self.waiting, []
        for reply, _predicted in waiting:
            conclude(reply, Failed(reply.id, error.what, error.where, error.remedy))

    def propagate(self, axis, prompts, rules=None):
        """The test concludes the last of what is in ``propagation``."""
        from SAMAdaptLib.service.protocol import Propagate
        from SAMAdaptLib.service.reply import Reply

        reply = Reply(self.peer, Propagate(77, axis, []))
        self.propagation = (axis, prompts, rules, reply)
        return reply

    def correct(self, axis, present, prompts, accepted=(), rules=None, through=True):
        """The test concludes the last of what is in ``correction``."""
        from SAMAdaptLib.service.protocol import Correct
        from SAMAdaptLib.service.reply import Reply

        reply = Reply(self.peer, Correct(99, axis, [], []))
        self.correction = (axis, present, prompts, list(accepted), rules, through, reply)
        return reply

    def segmentVolume(self, texts=None, axis=None, clean=True):
        """The test concludes the last of what is in ``segmentation``."""
        from SAMAdaptLib.service.protocol import SegmentVolume
        from SAMAdaptLib.service.reply import Reply

        reply = Reply(self.peer, SegmentVolume(88, texts))
        self.segmentation = (texts, reply)
        return reply


def disc(plane, world, radius=RADIUS):
    """The closed-form answer to one positive click at a world position."""
    from SAMAdaptLib.prompts.types import Prompt

    return answer_to(Prompt(plane.worldToPixel(np.atleast_2d(world)), [1]), plane.shape, radius)


def plane_of(application, volume, point=None):
    """What the Red view shows of a volume."""
    from SAMAdaptModuleLib.scene.FindPlane import planeOfView

    return planeOfView(application.view("Red").sliceNode, volume, point)


def status(editor):
    """What the options frame says."""
    return editor.effect.options.ui.statusLabel.text


def send_key(widget, kind, key, modifiers=0, repeated=False):
    """A key event of Qt's ("KeyPress", ...) to a widget; whether it was accepted."""
    from PySide6.QtCore import QCoreApplication, QEvent, Qt
    from PySide6.QtGui import QKeyEvent

    from Testing.harness.qtgate.convert import unwrap

    event = QKeyEvent(getattr(QEvent.Type, kind), Qt.Key(key), Qt.KeyboardModifier(modifiers), "", repeated)
    event.ignore()
    QCoreApplication.sendEvent(unwrap(widget), event)
    return event.isAccepted()


def claimed(view, key, modifiers=0):
    """Whether the effect keeps a key in a view from the shortcuts of the main window."""
    return send_key(view.sliceView.VTKWidget(), "ShortcutOverride", key, modifiers)


def wait(application, editor, condition):
    """For a real worker."""
    application.pump(until=condition, seconds=PATIENCE, what=status(editor) or "the worker")


@contextlib.contextmanager
def effect(application, session, segmentation, volume, segment, choice=None):
    """A segment editor with the effect active on a segment, and the volume in the Red view.

    Args:
        session: which the effect asks.
        choice: ModelChoice for all that is chosen in the options, or a function of model and adapter; by default those.
    """
    from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(InferenceSession, "instance", classmethod(lambda cls: session))
        application.registerEffect(EFFECT)
        if choice is not None:
            choose = choice if callable(choice) else lambda *_names: choice
            patch.setattr(import_module("SegmentEditorSAMAdaptLib.edit.ModelUse"), "modelChoice", choose)
        editor = application.segmentEditor(segmentation, volume, segment)
        editor.setActiveEffect("SAM Adapt")
        application.view("Red").show(volume)
        application.pump()
        yield editor
        application.forgetEffects()


@pytest.fixture(name="session")
def known_session(application, monkeypatch):
    """The model with known answers in place of the shared session."""
    from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession

    known = KnownSession()
    monkeypatch.setattr(InferenceSession, "instance", classmethod(lambda cls: known))
    return known


@pytest.fixture(name="editor")
def active_editor(application, session, segmentation_node, volume_node):
    """A segment editor with the effect active on "liver", and the volume in the Red view."""
    with effect(application, session, segmentation_node, volume_node, "liver") as editor:
        yield editor


@pytest.fixture(name="tiny_choice")
def choice_of_the_tiny_model(application, tiny_weights):
    """The small model, by its weights."""
    from SAMAdaptModuleLib.app.ModelChoice import ModelChoice

    from Testing.tiny import TINY_VIT

    return ModelChoice(model=None, checkpoint=str(tiny_weights), device="cpu", entry=TINY_VIT)


@pytest.fixture(name="real", scope="module")
def real_session(started_application, tmp_path_factory):
    """A session with a real worker, for all tests of a file."""
    from SAMAdaptModuleLib.app.Settings import Settings
    from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession

    from SAMAdaptLib.service.client import Client
    from SAMAdaptLib.service.link.place import Local

    folder = tmp_path_factory.mktemp("cache")
    client = Client(Local(sys.executable, ENVIRONMENT))
    session = InferenceSession(client, settings=Settings(dataFolder=folder, cacheFolder=folder))
    yield session
    session.close()
