"""Several volumes as channels, and pictures in colour, on the way to a worker and in its answers."""

import hashlib
import zlib

import numpy as np
import pytest

from SAMAdaptLib.adapters.file import save_adapter
from SAMAdaptLib.adapters.info import AdapterInfo
from SAMAdaptLib.errors import SAMAdaptError
from SAMAdaptLib.methods.decoder.config import DecoderConfig
from SAMAdaptLib.methods.decoder.model import Decoder
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.sam.build import build_sam
from SAMAdaptLib.sam.predictor import VolumePredictor
from SAMAdaptLib.service.link.shared import AttachedVolume, SharedVolume
from SAMAdaptLib.service.link.upload import Voxels
from SAMAdaptLib.service.protocol import Picture, SlicePlane
from SAMAdaptLib.service.server.store import Store
from SAMAdaptLib.volume.channels import join_channels
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.volume import Volume
from Testing.service.peers import PATIENCE
from Testing.tiny import scan

POINT = Prompt([[20, 18]], [1])
MAPPINGS = "minmax + percentile:5/80 + window:60/150"


def three():
    """Scans of other patients on one grid."""
    return [scan(seed, slices=12)[0] for seed in range(3)]


@pytest.fixture
def told(client):
    """Tells the worker of a volume, and after the test of the usual one."""
    yield lambda volume, **told: client.set_volume(volume.array, volume.geometry, object(), **told).result(PATIENCE)
    volume, _ = scan(slices=12)
    client.set_volume(volume.array, volume.geometry, "scan", intensity="minmax", name="scan0").result(PATIENCE)


@pytest.mark.slow
def test_three_volumes_are_answered_as_by_a_predictor_in_this_process(client, reference, told):
    joined = join_channels(three())
    ready = told(joined, intensity=MAPPINGS)
    assert (ready.low, ready.high) == (joined.array[..., 0].min(), joined.array[..., 0].max())
    for axis, index in (("axial", 4), ("coronal", 17)):
        slices = VolumePredictor(reference, joined, axis, Intensity.parse(MAPPINGS))
        prompt = POINT if axis == "axial" else Prompt([[9, 5]], [1])
        wanted = slices.predict(index, [prompt]).low_res[0]
        found = client.predict(SlicePlane(index, axis), prompt, want_logits=True).result(PATIENCE).low_res
        np.testing.assert_allclose(found, wanted, atol=1e-4)
    picture = Picture(joined.array[4], (1.0, 1.0))
    on_slice, in_picture = (
        client.predict(plane, POINT, want_logits=True).result(PATIENCE).low_res for plane in (SlicePlane(4), picture)
    )
    np.testing.assert_allclose(in_picture, on_slice, atol=1e-4)
    other = join_channels([three()[place] for place in (0, 2, 1)])
    told(other, intensity=MAPPINGS)
    turned = client.predict(SlicePlane(4), POINT, want_logits=True).result(PATIENCE).low_res
    # What was kept of the one order is not taken for the other.
    assert np.abs(turned - on_slice).max() > 1e-3
    with pytest.raises(SAMAdaptError, match="differ in their channels"):
        client.predict(Picture(scan()[0].array[4], (1.0, 1.0)), POINT).result(PATIENCE)


@pytest.mark.slow
def test_colours_are_seen_as_they_are(client, reference, told):
    """Values of 100 to 140 stay as dark as they are, and are not stretched as those of a scanner would be."""
    array = np.random.default_rng(0).integers(100, 140, (3, 40, 56, 3)).astype(np.uint8)
    colour = Volume(array, scan(slices=3)[0].geometry, "photo", colour=True)
    ready = told(colour, colour=True)
    assert (ready.low, ready.high) == (0, 255)
    wanted = VolumePredictor(reference, colour, "axial").predict(1, [POINT]).low_res[0]
    found = client.predict(SlicePlane(1), POINT, want_logits=True).result(PATIENCE).low_res
    np.testing.assert_allclose(found, wanted, atol=1e-4)
    assert told(colour).low > 99


@pytest.mark.slow
def test_an_adapter_refuses_another_number_of_volumes(client, options, told, tmp_path):
    model = build_sam(options["entry"], options["checkpoint"])
    config = DecoderConfig()
    Decoder().apply(model, config)
    base, several = options["entry"].name, "minmax + minmax + minmax"
    info = AdapterInfo("decoder", config.to_dict(), base, model.base_hash, 64, several, "axial", ("disc",), 1)
    save_adapter(tmp_path, model, info)
    try:
        client.load(**options, adapter=tmp_path, prefetch=0).result(PATIENCE)
        with pytest.raises(SAMAdaptError, match="trained on 3 volumes together, and this is 1 volume.*in the order of"):
            told(scan(slices=12)[0])
        told(join_channels(three()))
        assert client.predict(SlicePlane(4), POINT).result(PATIENCE).masks
    finally:
        client.load(**options, prefetch=0).result(PATIENCE)


@pytest.mark.slow
def test_there_is_a_mapping_for_each_channel_or_one_for_all(told):
    with pytest.raises(SAMAdaptError, match="One channel, and 2 intensity"):
        told(scan(slices=12)[0], intensity="minmax + minmax")
    with pytest.raises(SAMAdaptError, match="3 channels, and 2 intensity mappings.*one for each"):
        told(join_channels(three()), intensity="minmax + minmax")
    joined = join_channels(three())
    assert told(joined, intensity="minmax").high == joined.array[..., 0].max()


@pytest.mark.parametrize("order", ["C", "F"])
def test_channels_are_shared_and_sent_whole(tmp_path, order):
    joined = np.asarray(join_channels(three()[:2]).array, order=order)
    shared = SharedVolume(joined)
    while not shared.fill(1.0):
        pass
    attached = AttachedVolume(shared.name, shared.shape, shared.dtype)
    assert shared.shape == (12, 40, 56, 2)
    np.testing.assert_array_equal(attached.array, joined)
    attached.detach()
    shared.close()
    store, source = Store(tmp_path), Voxels(joined)
    key = hashlib.sha256(b"12x40x56x2 <i2 " + joined.tobytes()).hexdigest()
    incoming = store.receive(source.offer(key))
    for piece in source.pieces():
        incoming.take(zlib.compress(piece, 1))
    held = store.volume(key)
    again = AttachedVolume(held.name, held.shape, held.dtype)
    np.testing.assert_array_equal(again.array, joined)
    again.detach()
    store.close()
