"""The session whose prompts another computer answers: here a real server in another process."""

import os
import sys

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError, SAMAdaptError
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.link.place import Local
from Testing.service.conftest import token  # noqa: F401
from Testing.service.peers import ENVIRONMENT, PATIENCE
from Testing.service.serving import PROMPT, click, scan, serving


class Nothing:
    """An installation without packages, which must not be asked to install any."""

    def missing(self):
        return ["torch"]

    def ensure(self, ask=True):
        raise InputError("SAM Adapt needs Python packages that are not installed", "torch", "Try again")


@pytest.fixture
def settings(application, tmp_path):
    from SAMAdaptModuleLib.app.Settings import Settings

    settings = Settings(cacheFolder=tmp_path / "cache")
    yield settings
    settings.server = settings.tokenFile = settings.devices = settings.device = None


@pytest.fixture
def session(settings):
    from SAMAdaptModuleLib.worker.InferenceSession import InferenceSession

    session = InferenceSession(installation=Nothing(), settings=settings)
    yield session
    session.close()


@pytest.fixture
def plane(application):
    import slicer
    from SAMAdaptModuleLib.scene.FindPlane import planeOfIndex

    array, geometry = scan()
    node = slicer.util.addVolumeFromArray(array, geometry.ijk_to_ras, "scan")
    return planeOfIndex(node, "axial", 2)


@pytest.fixture(scope="module")
def wanted():
    """What a worker of this machine answers."""
    here = Client(Local(sys.executable, ENVIRONMENT))
    try:
        array, geometry = scan()
        here.load("lite_medsam", device="cpu")
        here.set_volume(array, geometry, "scan", intensity="minmax")
        return click(here)
    finally:
        here.close()


def answered(application, session, plane):
    reply = session.predict(plane, PROMPT, multimask=True)
    assert application.pump(reply.done, PATIENCE) is not False and reply.done()
    return reply


def test_a_laptop_without_packages_segments_by_a_server(application, session, settings, plane, token, tmp_path, wanted):  # noqa: F811
    from SAMAdaptModuleLib.app.ModelChoice import ModelChoice

    died = []
    session.died.connect(died.append)
    choice = ModelChoice("lite_medsam", device="mps")
    settings.devices = {"mps": "Apple"}
    assert session.missing == ["torch"]
    with pytest.raises(InputError, match="not installed"):
        session.useModel(choice)
    with serving(token, tmp_path / "server", "--device", "cpu") as server:
        settings.server, settings.tokenFile = server.address, str(token)
        session.changePlace()
        assert session.missing == []
        session.useModel(choice)
        session.useVolume(plane.volumeNode, "minmax")
        reply = answered(application, session, plane)
        for one, other in zip(wanted.masks, reply.result(0).masks, strict=True):
            np.testing.assert_array_equal(one.full(), other.full())
        assert session.info.device == "cpu" and session._client.pid not in (None, os.getpid())
        # Training goes on on what this computer has.
        assert settings.devices == {"mps": "Apple"}
        server.kill()
        server.wait()
        lost = answered(application, session, plane)
        assert isinstance(lost.error, SAMAdaptError) and server.address in str(lost.error), lost.error
        assert any(server.address in text for text in died), died
        port = int(server.address.rpartition(":")[2])
    with serving(token, tmp_path / "server", "--device", "cpu", port=port):
        again = answered(application, session, plane).result(0)
        np.testing.assert_array_equal(again.masks[0].full(), reply.result(0).masks[0].full())
    settings.server = None
    session.changePlace()
    assert session.missing == ["torch"]
    with pytest.raises(InputError, match="not installed"):
        session.predict(plane, PROMPT)


def test_a_server_without_its_token_is_told_before_any_work(session, settings, plane, tmp_path):
    from SAMAdaptModuleLib.app.ModelChoice import ModelChoice

    settings.server = "127.0.0.1:1"
    with pytest.raises(InputError, match="needs a token: 127.0.0.1:1. Choose the file with its token"):
        session.useModel(ModelChoice("lite_medsam"))
