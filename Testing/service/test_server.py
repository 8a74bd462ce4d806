"""A real ``samadapt serve`` on this machine, called the way an application does."""

import os
import shutil
import sys

import numpy as np
import pytest

from SAMAdaptLib.adapters.file import AdapterInfo, save_adapter
from SAMAdaptLib.errors import InputError, SAMAdaptError
from SAMAdaptLib.methods.msa.config import MsaConfig
from SAMAdaptLib.methods.msa.model import Msa
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.link.connection import Connection
from SAMAdaptLib.service.link.place import Local
from SAMAdaptLib.service.link.remote import Server
from SAMAdaptLib.service.link.wire import pack
from SAMAdaptLib.service.protocol import Predict, Ready, SliceMask, SlicePlane
from Testing.service.peers import ENVIRONMENT, heard_of
from Testing.service.serving import PROMPT, calling, click, result, scan, until, use
from Testing.tiny import TINY_VIT, build

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def here():
    """A worker of this machine."""
    client = Client(Local(sys.executable, ENVIRONMENT))
    yield client
    client.close()


def test_a_click_through_a_server_is_answered_as_on_this_machine(server, token, here):
    with calling(server, token) as there:
        for client in (here, there):
            ready, volume = use(client)
            assert (ready.model, ready.device, volume.low) == ("lite_medsam", "cpu", scan()[0].min())
        wanted, found = click(here), click(there)
        mended, there_too = corrected(here), corrected(there)
        assert there.pid not in (None, here.pid, os.getpid(), server.pid)
    assert wanted.masks[0].full().sum() > 300
    for one, other in zip(wanted.masks, found.masks, strict=True):
        np.testing.assert_array_equal(one.full(), other.full())
    np.testing.assert_array_equal(wanted.low_res, found.low_res)
    assert wanted.iou == found.iou and set(found.ms) == set(wanted.ms)
    assert mended and mended.keys() == there_too.keys()
    assert all(np.array_equal(mask, there_too[index]) for index, mask in mended.items())


def corrected(client):
    """What a box makes of a mask on the third slice, and of the others, by index."""
    mask = np.zeros(scan()[0].shape[1:], bool)
    mask[25:40, 30:50] = True
    request = client.correct({2: mask}, {2: PROMPT}, accepted=[0])
    events = heard_of(request)
    result(client, request)
    return {one.index: one.mask.full() for one in events if isinstance(one, SliceMask) and not one.tentative}


def test_the_voxels_of_a_volume_are_sent_once_for_all(server, token):
    array, geometry = scan(1)
    sent = []
    for _ in range(2):
        with calling(server, token) as client:
            for key in ("a", "b"):
                before = client._place.connection.sent if client.alive else 0
                ready = result(client, client.set_volume(array.copy(order="F"), geometry, key, intensity="minmax"))
                assert (ready.low, ready.high) == (array.min(), array.max())
                sent.append(client._place.connection.sent - before)
    # Noise of a standard deviation of 20 has 6.4 bits of entropy a voxel, of 16.
    assert 0.4 * array.nbytes < sent[0] < 0.6 * array.nbytes
    assert max(sent[1:]) < 1500, sent


@pytest.fixture(scope="module")
def adapter(tmp_path_factory):
    """One that changes what LiteMedSAM answers, of a method without peft, which takes seconds to load."""
    import torch

    folder = tmp_path_factory.mktemp("run") / "adapter"
    model = build("lite_medsam")
    config = MsaConfig()
    torch.manual_seed(0)
    Msa().apply(model, config)
    for name, parameter in model.sam.named_parameters():
        if parameter.requires_grad and name.endswith("up.weight"):
            torch.nn.init.normal_(parameter, std=0.2)
    info = AdapterInfo(
        "msa", config.to_dict(), "lite_medsam", model.base_hash, 256, "minmax", "axial", ("thing",), 1, prompts="box"
    )
    save_adapter(folder, model, info)
    return folder.parent


def test_an_adapter_goes_along_by_its_content(server, token, here, adapter, cache, tmp_path):
    moved = tmp_path / "elsewhere"
    shutil.copytree(adapter, moved)
    with calling(server, token) as client:
        use(client)
        plain = click(client)
        ready, _ = use(client, None, adapter=moved)
        assert ready.adapter["classes"] == ("thing",)
        first = client._place.connection.sent
        found = click(client)
        use(client)
        use(client, None, adapter=adapter)
        weights = (adapter / "adapter" / "adapter.safetensors").stat().st_size
        assert client._place.connection.sent - first < 10000 < weights
    use(here, None, adapter=adapter)
    wanted = click(here)
    np.testing.assert_array_equal(wanted.low_res, found.low_res)
    assert np.abs(plain.low_res - found.low_res).max() > 0.1
    (kept,) = (cache / "served-adapters").iterdir()
    assert (kept / "adapter.safetensors").read_bytes() == (adapter / "adapter" / "adapter.safetensors").read_bytes()


def test_adapters_that_cannot_be_used_are_named_and_others_can(server, token, adapter, tmp_path):
    damaged = tmp_path / "damaged"
    shutil.copytree(adapter, damaged)
    with open(damaged / "adapter" / "adapter.safetensors", "r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x07")
    with calling(server, token) as client:
        for path, words in ((damaged, "weights are damaged or altered: damaged"), (tmp_path, "No adapter here")):
            with pytest.raises(SAMAdaptError, match=words):
                result(client, client.load(None, adapter=path))
        assert isinstance(use(client, None, adapter=adapter)[0], Ready)


def test_what_only_this_computer_has_is_refused(server, token, tmp_path):
    with calling(server, token) as client:
        for options in ({"checkpoint": tmp_path / "weights.pth"}, {"entry": TINY_VIT}):
            with pytest.raises(SAMAdaptError, match="file of this computer cannot be used on a server"):
                result(client, client.load("lite_medsam", **options))
        with pytest.raises(SAMAdaptError, match="no_such_model"):
            result(client, client.load("no_such_model"))
    with pytest.raises(InputError, match="answers prompts only.*Do this on this computer"):
        Server(server.address, token).start("SAMAdaptLib.service.worker.trainer")


def test_what_is_sent_names_no_volume_and_no_place_of_this_computer(server, token, adapter, tmp_path, monkeypatch):
    pytest.importorskip("pydicom", reason="pydicom (the extra dicom) is not installed")
    from Testing import identifiers

    name, place = identifiers.mark(1), tmp_path / identifiers.mark(2)
    shutil.copytree(adapter, place)
    sent, send = [], Connection.send
    monkeypatch.setattr(Connection, "send", lambda self, message: sent.append(pack(message)) or send(self, message))
    array, geometry = scan(7)
    with calling(server, token) as client:
        result(client, client.load("lite_medsam", adapter=place, precision="fp32", device="cpu", prefetch=0))
        told = {"intensity": "minmax", "name": name, "modality": "CT"}
        assert result(client, client.set_volume(array, geometry, "a", **told)).high == array.max()
        click(client)
        broken = array.astype(np.float32)
        broken[0, 0, 0] = np.nan
        # Who chose the volume reads its name all the same.
        with pytest.raises(SAMAdaptError, match=f"NaN.*{name}"):
            result(client, client.set_volume(broken, geometry, "b", **told))
    parts = identifiers.within("wire", b"".join(sent))
    assert len(sent) > 5 and len(parts) > 2
    assert not [hit for part in parts.values() for hit in identifiers.found(part, more=(str(tmp_path),))]


def test_a_volume_that_changes_while_it_is_sent(server, token, monkeypatch):
    array, geometry = scan(5)
    with calling(server, token) as client:
        client._start()
        assert until(lambda: client.poll() or client.pid)
        volume = client._place.share(array)
        while not volume.key:
            volume.fill(0)
        volume.close()
        monkeypatch.setattr(client._place, "share", lambda given: client._place.volumes.setdefault(volume.name, volume))
        array[0, 0, 0] += 1
        request = client.set_volume(array, geometry, "a", intensity="minmax")
        with pytest.raises(SAMAdaptError, match="changed while it was sent. Try again"):
            result(client, request)
        monkeypatch.undo()
        array[0] = 999
        assert result(client, client.set_volume(array, geometry, "b", intensity="minmax")).high == 999


def test_a_request_is_as_small_as_its_prompt(server, token):
    with calling(server, token) as client:
        use(client)
        before = client.bytes_sent
        click(client)
        assert 0 < client.bytes_sent - before < 1000
        assert len(pack(Predict(1, SlicePlane(2), PROMPT))) < 1000
