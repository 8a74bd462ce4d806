"""The session that panel, effect and console share, with a real worker and a small model, on Qt's own timers."""

import logging
import os
import signal
import sys
import time
from dataclasses import asdict

import numpy as np
import pytest

from SAMAdaptLib.errors import Cancelled, InputError, SAMAdaptError
from SAMAdaptLib.files import write_json
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.propagation.propagate import finish, propagate
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.predictor import Predictor, VolumePredictor
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.link.place import Local
from SAMAdaptLib.volume.intensity import Intensity
from Testing.service.conftest import weights  # noqa: F401
from Testing.service.peers import ENVIRONMENT, PATIENCE, SEGMENTS, freeze, running
from Testing.service.test_client import EASY
from Testing.tiny import TINY_VIT, scan

POINT = Prompt([[20, 18]], [1])
# Inside coronal and sagittal slices as well, which have 12 rows.
LOW_POINT = Prompt([[9, 5]], [1])


class Allowed:
    """All packages are there."""

    def ensure(self, ask=True):
        pass

    def pythonExecutable(self):
        return [sys.executable]

    def environment(self):
        return ENVIRONMENT


class Refused(Allowed):
    def ensure(self, ask=True):
        raise InputError("SAM Adapt needs Python packages that are not installed", "peft", "Try again")


class Heard:
    """Callbacks that write down what they are told."""

    def __init__(self):
        self.answers, self.errors = [], []

    @property
    def over(self):
        return bool(self.answers or self.errors)

    def take(self, reply):
        if reply.error is None:
            self.answers.append(reply.answer)
        else:
            self.errors.append(reply.error)


@pytest.fixture(scope="module")
def reference(weights):  # noqa: F811
    return Predictor(build_sam(TINY_VIT, weights[TINY_VIT.name]))


@pytest.fixture
def choice(application, weights):  # noqa: F811
    from SAMAdaptModuleLib.app.ModelChoice import ModelChoice

    return ModelChoice(entry=TINY_VIT, checkpoint=weights[TINY_VIT.name], device="cpu")


@pytest.fixture
def node(application):
    """The volume of :func:`scan` in the scene."""
    import slicer

    volume, _ = scan(slices=12)
    return slicer.util.addVolumeFromArray(volume.array.copy(), volume.geometry.ijk_to_ras, "scan0")


@pytest.fixture(scope="module")
def sessions(started_application, tmp_path_factory):
    """Makes sessions, of which all but the first die with their test."""
    from SAMAdaptModuleLib.app.Settings import Settings
    from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession

    made = []

    def make(client=None, installation=None):
        settings = Settings(cacheFolder=tmp_path_factory.mktemp("cache"))
        made.append(InferenceSession(client, installation or Allowed(), settings))
        return made[-1]

    yield make
    for session in made:
        session.close()


@pytest.fixture(scope="module")
def warm(sessions):
    """One session for the tests that leave its worker alive."""
    return sessions()


@pytest.fixture
def session(warm, choice, node, application):
    warm.useModel(choice)
    warm.useVolume(node, "minmax")
    application.pump(lambda: not warm._client.pending, PATIENCE)
    return warm


@pytest.fixture
def plane(node):
    from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex

    return lambda index, axis="axial": planeOfIndex(node, axis, index)


def ask(session, plane, prompt=POINT, multimask=False):
    heard = Heard()
    heard.reply = session.predict(plane, prompt, multimask)
    heard.reply.on_done(heard.take)
    return heard


def segment_of(session):
    """The file of the session's own shared memory; other programs have some, too."""
    return SEGMENTS / session._client._volume.name


def slices_of(reference, axis="axial"):
    return VolumePredictor(reference, scan(slices=12)[0], axis, Intensity.parse("minmax"))


def test_the_first_prompt_waits_for_model_and_volume_and_is_answered_from_the_event_loop(
    warm, choice, node, plane, reference, application, caplog
):
    events = []
    warm.ready.connect(lambda: events.append("ready"))
    warm.busyChanged.connect(lambda busy: events.append(busy))
    warm.planeReady.connect(events.append)
    warm.useVolume(node, "minmax")
    assert warm._client is None
    warm.useModel(choice)
    heard = ask(warm, plane(4))
    pid = warm._client.pid
    warm.useModel(choice)
    warm.useVolume(node, "minmax")
    assert not heard.over and not warm.isReady(plane(4))
    application.pump(lambda: heard.over and not warm.busy, PATIENCE)
    assert heard.errors == [] and len(heard.answers) == 1 and pid in (None, warm._client.pid)
    wanted = slices_of(reference).predict(4, [POINT])
    np.testing.assert_array_equal(heard.answers[0].masks[0].full(), wanted.masks[0, 0])
    assert events == [True, "ready", plane(4).key, False] and warm.isReady(plane(4))
    assert (warm.info.device, warm.info.model) == ("cpu", TINY_VIT.name)
    warm.note("write", 2.0)
    warm.note("render", 3.0, heard.reply.id)
    entry = warm.stageLog[-1]
    assert set(entry) == {"id", "queue", "encode", "decode", "pack", "transfer", "total", "write", "render"}
    assert entry["total"] == pytest.approx(sum(entry[s] for s in ("queue", "encode", "decode", "pack", "transfer")))
    with caplog.at_level(logging.DEBUG):
        application.pump(lambda: f"request {heard.reply.id} in ms" in caplog.text, 5)
    assert "write 2.0, render 3.0" in caplog.text
    # Neighbours are encoded in idle time.
    application.pump(lambda: all(warm.isReady(plane(i)) for i in (2, 3, 5, 6)), PATIENCE)


def test_the_newest_prompt_wins_and_each_is_answered_once(session, plane, application):
    asked = [ask(session, plane(index, "coronal"), LOW_POINT) for index in (6, 7, 8, 9, 9)]
    application.pump(lambda: all(heard.over for heard in asked), PATIENCE)
    application.pump()
    assert [len(h.answers) + len(h.errors) for h in asked] == [1] * 5
    assert len(asked[-1].answers) == 1
    assert all(isinstance(heard.errors[0], Cancelled) for heard in asked[:-1])


def test_a_change_of_slice_cancels_and_a_view_of_the_same_slice_does_not(session, plane, application):
    kept = ask(session, plane(20, "sagittal"), LOW_POINT)
    session.encode(plane(20, "sagittal"))
    application.pump(lambda: kept.over, PATIENCE)
    assert kept.answers
    freeze(session._client.pid)
    left = ask(session, plane(22, "sagittal"), LOW_POINT)
    session.encode(plane(23, "sagittal"))
    os.kill(session._client.pid, signal.SIGCONT)
    application.pump(lambda: left.over and session.isReady(plane(23, "sagittal")), PATIENCE)
    assert isinstance(left.errors[0], Cancelled) and not left.answers


def test_waiting_for_an_answer_tells_what_it_has_made_ready_and_nothing_else(session, plane, application):
    older = ask(session, plane(1))
    newer = session.predict(plane(1), POINT, True)
    assert newer.wait(PATIENCE) and len(newer.result().masks) == 3 and not older.over
    assert session.isReady(plane(1)) and session.stageLog[-1]["id"] == newer.id
    application.pump(lambda: older.over)
    assert isinstance(older.errors[0], Cancelled) and older.reply.superseded
    missing = session.predict(plane(1), Prompt([[56, 3]], [1]))
    assert missing.wait(5.0) and isinstance(missing.error, InputError) and "outside the image" in str(missing.error)


def test_a_propagation_comes_slice_by_slice_and_can_be_stopped(session, plane, reference, application):
    prompts = {5: POINT, 8: Prompt(box=[10, 10, 30, 28])}
    wanted = finish(propagate(slices_of(reference), prompts, 12, (40, 56), EASY))
    slices, steps, heard = [], [], Heard()
    reply = session.propagate("axial", prompts, asdict(EASY))
    reply.on_slice(slices.append)
    reply.on_progress(lambda step: steps.append((step.done, step.total)))
    reply.on_done(heard.take)
    application.pump(lambda: heard.over, PATIENCE)
    mask = np.zeros((12, 40, 56), bool)
    for found in slices:
        if not found.tentative:
            mask[found.index] = found.mask.full()
    np.testing.assert_array_equal(mask, wanted.mask)
    assert steps[-1] == (12, 12) and not heard.answers[0].values["cancelled"]
    heard = Heard()
    reply = session.propagate("axial", prompts, asdict(EASY))
    reply.on_done(heard.take)
    reply.cancel()
    application.pump(lambda: heard.over, PATIENCE)
    assert heard.errors or heard.answers[0].values["cancelled"]


def test_what_is_ready_is_forgotten_with_the_voxels_and_the_mapping(session, plane, node, application, reference):
    import slicer

    before = session.predict(plane(7), POINT).result(PATIENCE)
    assert session.isReady(plane(7))
    copies = session._client.copies
    session.useVolume(node, "percentile:10/90")
    assert not session.isReady(plane(7)) and session._client.copies == copies
    session.useVolume(node, "minmax")
    slicer.util.arrayFromVolume(node)[:] = scan(seed=5, slices=12)[0].array
    slicer.util.arrayFromVolumeModified(node)
    assert not session.isReady(plane(7))
    after = session.predict(plane(7), POINT).result(PATIENCE)
    other = VolumePredictor(reference, scan(seed=5, slices=12)[0], "axial", Intensity.parse("minmax"))
    np.testing.assert_array_equal(after.masks[0].full(), other.predict(7, [POINT]).masks[0, 0])
    assert (after.masks[0].full() != before.masks[0].full()).any() and session._client.copies == copies + 1


@pytest.mark.skipif(not SEGMENTS.is_dir(), reason="looks into Linux's folders")
@pytest.mark.parametrize("how", ["removed", "closed"])
def test_a_volume_that_leaves_the_scene_is_given_back(session, plane, node, application, how):
    import slicer

    waiting = ask(session, plane(2))
    segment = segment_of(session)
    assert segment.exists()
    if how == "removed":
        slicer.mrmlScene.RemoveNode(node)
    else:
        slicer.mrmlScene.Clear(0)
    assert not segment.exists()
    application.pump(lambda: waiting.over)
    assert isinstance(waiting.errors[0], Cancelled)
    with pytest.raises(InputError, match="No volume is chosen"):
        session.propagate("axial", {3: POINT})


def test_a_model_that_cannot_be_loaded_is_the_reason_of_every_prompt(warm, choice, plane, node, tmp_path, application):
    from SAMAdaptModuleLib.app.ModelChoice import ModelChoice

    damaged = tmp_path / "damaged.pth"
    damaged.write_bytes(b"no weights")
    failed = []
    warm.failed.connect(failed.append)
    warm.useVolume(node, "minmax")
    warm.useModel(ModelChoice(entry=TINY_VIT, checkpoint=damaged))
    application.pump(lambda: failed, PATIENCE)
    assert "Cannot read the checkpoint" in failed[0] and str(damaged) in failed[0]
    heard = ask(warm, plane(4))
    application.pump(lambda: heard.over, PATIENCE)
    assert "Cannot read the checkpoint" in str(heard.errors[0])
    absent = ModelChoice(entry=TINY_VIT)
    with pytest.raises(InputError, match='No weights for test_tiny_vit.*with the setting "checkpoint"'):
        warm.useModel(absent).result(PATIENCE)
    assert warm.useModel(choice).result(PATIENCE).model == TINY_VIT.name
    assert warm.predict(plane(4), POINT).result(PATIENCE).masks


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_worker_that_dies_is_told_and_the_next_prompt_starts_another(session, plane, application):
    wanted = session.predict(plane(3), POINT).result(PATIENCE)
    first, copies, died, ready = session._client.pid, session._client.copies, [], []
    session.died.connect(died.append)
    session.ready.connect(lambda: ready.append(True))
    freeze(first)
    waiting, carried = ask(session, plane(4)), Heard()
    session.propagate("axial", {3: POINT}, asdict(EASY)).on_done(carried.take)
    os.kill(first, signal.SIGKILL)
    application.pump(lambda: waiting.over and carried.over, PATIENCE)
    for error in (waiting.errors[0], carried.errors[0]):
        assert isinstance(error, SAMAdaptError) and "ended with exit code -9. Try again" in str(error)
    assert died == ["Exit code -9\n"] and not session.isReady(plane(3)) and not running(first)
    heard = ask(session, plane(3))
    application.pump(lambda: heard.over, PATIENCE)
    np.testing.assert_array_equal(heard.answers[0].masks[0].full(), wanted.masks[0].full())
    assert ready == [True] and session._client.copies == copies and session._client.pid != first


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_worker_that_does_not_let_go_is_ended(session, plane, application):
    """Then all is given back."""
    first, died = session._client.pid, []
    session.died.connect(died.append)
    freeze(first)
    waiting = ask(session, plane(5))
    session._client.cancel(waiting.reply, 0.2)
    application.pump(lambda: waiting.over, PATIENCE)
    assert isinstance(waiting.errors[0], Cancelled) and not running(first) and died == []
    heard = ask(session, plane(5))
    segment = segment_of(session)
    assert segment.exists() == SEGMENTS.is_dir()
    session.close()
    assert isinstance(heard.errors[0], Cancelled) and not session._client.alive
    assert not segment.exists()
    with pytest.raises(InputError, match="No model is chosen"):
        session.predict(plane(5), POINT)


def test_a_worker_that_cannot_start_leaves_its_last_words(sessions, choice, plane, application):
    # Isolated mode takes the library off the path.
    client = Client(Local([sys.executable, "-I"], ENVIRONMENT))
    session, failed = sessions(client), []
    session.failed.connect(failed.append)
    session.useModel(choice)
    heard = ask(session, plane(4))
    application.pump(lambda: heard.over, PATIENCE)
    assert "exit code 1 (" in str(heard.errors[0]) and "No module named" in str(heard.errors[0])
    assert "No module named" in heard.errors[0].trace and failed == []
    # Scrolling through slices does not start it over and over.
    session.encode(plane(5))
    assert not client.alive and client.pending == []


def test_what_may_not_be_installed_or_does_not_fit_starts_nothing(sessions, choice, plane, tmp_path):
    from SAMAdaptModuleLib.app.ModelChoice import ModelChoice

    refused = sessions(installation=Refused())
    for _ in range(2):
        with pytest.raises(InputError, match="not installed: peft"):
            refused.useModel(choice)
    with pytest.raises(InputError, match="No model is chosen"):
        refused.predict(plane(1), POINT)
    assert refused._client is None
    adapter = tmp_path / "adapter"
    write_json(
        adapter / "adapter.json",
        dict(
            method="lora", config={}, base="sam_vit_b", base_hash="", input_size=256, intensity="minmax", axis="axial",
            classes=["liver"], steps=1, mask_prompts=False, validation={}, weights_sha256="", software="", created="",
            format_version=1,
        ),
    )  # fmt: skip
    for wrong, message in (
        (ModelChoice("lite_medsam", adapter), "trained on sam_vit_b, not on lite_medsam.*Choose the base model sam_vi"),
        (ModelChoice(None), "No model is chosen"),
        (ModelChoice(None, tmp_path / "nothing"), "No adapter here"),
    ):
        with pytest.raises(InputError, match=message):
            refused.useModel(wrong)


def test_other_words_of_the_worker_are_passed_on(sessions, choice, plane, node, application):
    """Spoken by a stand-in for the worker, since no test can make a GPU run out of memory."""
    from SAMAdaptLib.service.protocol import Encoded, Failed, Log, Prefetched, Progress, Ready, VolumeReady

    class Speaker(Client):
        said = ()

        def _forward(self):
            pass

        def _listen(self):
            said, self.said = self.said, ()
            for message in said:
                self._take(message)

    client = Speaker(Local(""))
    session = sessions(client)
    heard = {name: [] for name in ("logged", "failed", "downloadProgress", "planeReady")}
    for name, values in heard.items():
        getattr(session, name).connect(lambda *given, values=values: values.append(given))
    session.useModel(choice)
    session.useVolume(node, "minmax")
    load, volume = (reply.id for reply in client.pending)
    client.said = (Progress(load, 5, None), Prefetched(0, "axial", 2), Log(0, "warning", "too little memory"))
    application.pump(lambda: heard["logged"])
    assert heard["logged"] == [("too little memory",)] and heard["downloadProgress"] == [(5, None)]
    # It was of the model before.
    assert heard["planeReady"] == []
    client.said = (Ready(load, "cpu", "x", None, {}), VolumeReady(volume, 0, 1), Prefetched(0, "axial", 2))
    application.pump(lambda: session.isReady(plane(2)))
    session.encode(plane(4))
    client.said = (Failed(client.pending[0].id, "This view shows one grey value only"),)
    application.pump(lambda: not client.pending)
    session.encode(plane(4))
    begun = time.monotonic()
    application.pump(lambda: session.busy)
    assert time.monotonic() - begun > 0.25
    client.said = (Encoded(client.pending[0].id, {}),)
    application.pump(lambda: session.isReady(plane(4)) and not session.busy)
    assert heard["failed"] == []


def test_the_shared_session_ends_with_the_application(application):
    import slicer
    from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession

    closed = []
    shared = InferenceSession.instance()
    shared.close = lambda: closed.append(shared)
    assert InferenceSession.instance() is shared
    slicer.app.aboutToQuit.emit()
    slicer.app.aboutToQuit.emit()
    assert closed == [shared] and InferenceSession.instance() is not shared
    InferenceSession.closeInstance()
