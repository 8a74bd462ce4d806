from __future__ import annotations

import dataclasses
import gzip
import json
import os
import shutil

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.exemplars import library as library_module
from SAMAdaptLib.exemplars import manifest as manifest_module
from SAMAdaptLib.exemplars import slices as slices_module
from SAMAdaptLib.exemplars.exemplar import Exemplar
from SAMAdaptLib.exemplars.library import DuplicateExemplar, Library
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.intensity import Intensity, to_uint8
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.segfile import read_labels
from SAMAdaptLib.volume.volume import Volume, read_volume

WINDOW = Intensity.parse("window:50/100")


def test_an_exemplar_comes_back_as_the_slice_that_went_in(library, case):
    volume, labels = case
    info = library.add(volume, labels, "axial", 5, WINDOW)
    exemplar = Library.open(library.folder).load(info.id)
    # The grid is LPS with identity direction, for which the radiological axial view is the array itself.
    np.testing.assert_array_equal(exemplar.pixels, volume.array[5])
    assert exemplar.pixels.dtype == np.int16
    np.testing.assert_array_equal(exemplar.labels, labels.array[5])
    assert exemplar.info == info == Library.open(library.folder).infos()[0]
    assert info.classes == ("liver", "spleen") == library.classes
    assert info.shape == (20, 30)
    assert info.pixel_spacing == pytest.approx((0.8, 0.5))
    assert info.bounds == (0.0, 100.0)
    # window:50/100 sends 0..100 to 0..255.
    np.testing.assert_array_equal(exemplar.image, (volume.array[5].astype(int) * 510 + 100) // 200)


def test_a_coronal_slice_runs_from_head_to_feet(library, case):
    volume, labels = case
    exemplar = library.load(library.add(volume, labels, "coronal", 6, WINDOW).id)
    np.testing.assert_array_equal(exemplar.pixels, volume.array[::-1, 6, :])
    assert exemplar.info.pixel_spacing == pytest.approx((4.0, 0.5))


def test_class_values_hold_across_volumes_with_other_label_numbers(library, case, make_case):
    library.add(*case, "axial", 3, WINDOW)
    mask = np.zeros((12, 20, 30), bool)
    mask[2, 3:6, 3:6] = True
    volume, labels = make_case(1, masks={"spleen": mask, "kidney": mask[:, ::-1], "liver": mask[:, :, ::-1]})
    exemplar = library.load(library.add(volume, labels, "axial", 2, WINDOW).id)
    assert library.classes == ("liver", "spleen", "kidney")
    assert exemplar.labels[4, 4] == 2
    assert exemplar.labels[-5, 4] == 3
    assert exemplar.labels[4, -5] == 1
    assert library.counts() == {"liver": 2, "spleen": 1, "kidney": 1}
    library.remove(exemplar.info.id)
    assert library.classes == ("liver", "spleen", "kidney")
    # Spleen and kidney are forgotten, until they come back with the values that they had.
    assert library.counts() == {"liver": 1} and library.learnable() == ("liver",)
    exemplar = library.load(library.add(volume, labels, "axial", 2, WINDOW).id)
    assert exemplar.labels[-5, 4] == 3 and library.counts() == {"liver": 2, "spleen": 1, "kidney": 1}


def test_the_later_of_two_overlapping_classes_wins(library, case, make_case):
    inner = np.zeros((12, 20, 30), bool)
    outer = inner.copy()
    inner[4, 5:8, 5:8], outer[4, 4:9, 4:9] = True, True
    volume, labels = make_case(0, masks={"outer": outer, "inner": inner})
    exemplar = library.load(library.add(volume, labels, "axial", 4, WINDOW).id)
    assert np.bincount(exemplar.labels.ravel()).tolist() == [600 - 25, 25 - 9, 9]


def test_a_class_hidden_on_the_slice_is_not_a_class_of_the_library(library, make_case):
    mask = np.zeros((12, 20, 30), bool)
    mask[4, 5:8, 5:8] = True
    info = library.add(*make_case(0, masks={"under": mask, "over": mask}), "axial", 4, WINDOW)
    assert info.classes == library.classes == ("over",)
    assert library.load(info.id).labels.max() == 1


def test_a_label_holds_255_classes_and_no_more(library, make_case):
    masks = {}
    for value in range(256):
        masks[f"c{value}"] = np.zeros((12, 20, 30), bool)
        masks[f"c{value}"][4, value // 20, value % 20] = True
    with pytest.raises(InputError, match="More than 255 classes"):
        library.add(*make_case(0, masks=masks), "axial", 4, WINDOW)
    masks.pop("c255")
    info = library.add(*make_case(0, masks=masks), "axial", 4, WINDOW)
    assert library.load(info.id).labels[12, 14] == 255 == len(info.classes)


def test_nothing_that_names_the_patient_reaches_any_file(tmp_path, make_case):
    secrets = ["DOE^JANE", "PID-778899", "19610203", "1.2.840.99999", "St_Elsewhere", "jane-doe-mr"]
    folder = tmp_path / "St_Elsewhere" / "DOE^JANE"
    folder.mkdir(parents=True)
    path = folder / "PID-778899_19610203.nrrd"
    volume, labels = make_case()
    image = sitk.GetImageFromArray(volume.array)
    image.SetOrigin((-11.5, 22.25, 333.125))
    for number, key in enumerate(("0010|0010", "0010|0020", "0010|0030", "0020|000d")):
        image.SetMetaData(key, secrets[number])
    sitk.WriteImage(image, str(path))
    read = read_volume(path)
    library = Library.create(tmp_path / "shared" / "library")
    labels = Labels(labels.array, read.geometry, labels.names)
    library.add(read, labels, "axial", 5, WINDOW, subject="jane-doe-mr")
    library.add(read, labels, "axial", 0, WINDOW, background=True)
    files = sorted(library.folder.iterdir())
    assert len(files) == 5
    origin = ["333.125", "22.25", "-11.5", str(tmp_path)]
    for file in files:
        data = file.read_bytes()
        head, _, packed = data.partition(b"\n\n")
        data += gzip.decompress(packed) if file.suffix == ".nrrd" else b""
        for secret in secrets + origin:
            assert secret.lower().encode() not in data.lower(), (secret, file.name)
            assert secret.lower() not in file.name.lower()
        if file.suffix == ".nrrd":
            reader = sitk.ImageFileReader()
            reader.SetFileName(str(file))
            reader.ReadImageInformation()
            assert reader.GetOrigin() == (0.0, 0.0)
            assert reader.GetDirection() == (1.0, 0.0, 0.0, 1.0)
            assert all(key.startswith("NRRD_") or key.startswith("ITK_") for key in reader.GetMetaDataKeys())
            fields = {line.split(b":")[0] for line in head.splitlines() if not line.startswith((b"#", b"NRRD"))}
            assert fields <= {
                b"type", b"dimension", b"space dimension", b"sizes", b"space directions", b"kinds", b"endian",
                b"encoding", b"space origin",
            }  # fmt: skip


def test_groups_follow_the_volume_or_the_subject(tmp_path, library, case, make_case):
    volume, labels = case
    first, second = (library.add(volume, labels, "axial", index, WINDOW) for index in (4, 5))
    assert first.group == second.group == volume.content_hash[:12]
    other, other_labels = make_case(1)
    third = library.add(other, other_labels, "axial", 4, WINDOW, subject="A")
    fourth = library.add(*make_case(2), "axial", 4, WINDOW, subject=" A ")
    fifth = library.add(*make_case(3), "axial", 4, WINDOW, subject="B")
    assert third.group == fourth.group
    assert len({first.group, third.group, fifth.group}) == 3
    elsewhere = Library.create(tmp_path / "elsewhere").add(other, other_labels, "axial", 4, WINDOW, subject="A")
    assert elsewhere.group != third.group


def test_a_slice_goes_in_once(library, case):
    info = library.add(*case, "axial", 5, WINDOW)
    with pytest.raises(DuplicateExemplar, match=info.id):
        library.add(*case, "axial", 5, WINDOW)
    assert len(library) == 1


def test_slices_without_label_only_as_backgrounds(library, case):
    with pytest.raises(InputError, match="holds no label"):
        library.add(*case, "axial", 0, WINDOW)
    with pytest.raises(InputError, match="holds labels .liver"):
        library.add(*case, "axial", 4, WINDOW, background=True)
    info = library.add(*case, "axial", 0, WINDOW, background=True)
    assert info.classes == () and not library.load(info.id).labels.any()


@pytest.mark.parametrize("index", [-1, 12])
def test_an_index_outside_is_refused(library, case, index):
    with pytest.raises(InputError, match="from 0 to 11"):
        library.add(*case, "axial", index, WINDOW)


def test_slices_of_one_grey_level_are_refused(library, case):
    volume, labels = case
    with pytest.raises(InputError, match="single grey level"):
        library.add(volume, labels, "axial", 5, Intensity.parse("window:5000/10"))
    volume.array[5] = 7
    with pytest.raises(InputError, match="single grey level"):
        library.add(volume, labels, "axial", 5, WINDOW)
    assert not list(library.folder.glob("*.nrrd"))


def test_labels_on_another_grid_are_refused(library, case):
    volume, labels = case
    moved = Geometry(labels.geometry.size, labels.geometry.ijk_to_ras + np.eye(4, k=3))
    with pytest.raises(InputError, match="another grid"):
        library.add(volume, Labels(labels.array, moved, labels.names), "axial", 5, WINDOW)


def test_a_copied_library_works_elsewhere(tmp_path, library, case):
    info = library.add(*case, "axial", 5, WINDOW)
    shutil.copytree(library.folder, tmp_path / "usb stick" / "copy")
    shutil.rmtree(library.folder)
    np.testing.assert_array_equal(Library.open(tmp_path / "usb stick" / "copy").load(info.id).pixels, case[0].array[5])


def test_removal_deletes_the_files_and_nothing_else(library, case):
    gone, kept = (library.add(*case, "axial", index, WINDOW) for index in (4, 5))
    notes = library.folder / "notes.txt"
    notes.write_text("ours")
    library.remove(gone.id)
    assert {path.name for path in library.folder.iterdir()} == {
        "library.json", "notes.txt", f"{kept.id}_image.nrrd", f"{kept.id}_label.nrrd"
    }  # fmt: skip
    assert [info.id for info in Library.open(library.folder).infos()] == [kept.id]
    with pytest.raises(InputError, match=gone.id):
        library.load(gone.id)


@pytest.mark.parametrize("fail_at", [1, 2, 3, 4])
def test_a_kill_between_any_two_writes_leaves_the_library_as_it_was(library, case, monkeypatch, fail_at):
    first = library.add(*case, "axial", 4, WINDOW)

    class Killed(BaseException):
        pass

    calls = {"n": 0}
    original = slices_module.atomic_path

    def killing(path, **given):
        calls["n"] += 1
        if calls["n"] == fail_at:
            raise Killed
        return original(path, **given)

    def killing_text(path, text, **given):
        if fail_at == 4:
            raise Killed
        raise AssertionError("the manifest comes last")

    monkeypatch.setattr(slices_module, "atomic_path", killing)
    monkeypatch.setattr(manifest_module, "write_text", killing_text)
    with pytest.raises(Killed):
        library.add(*case, "axial", 5, WINDOW, neighbours=1)
    monkeypatch.undo()
    again = Library.open(library.folder)
    assert [info.id for info in again.infos()] == [first.id]
    again.load(first.id)
    orphans = [p for p in library.folder.glob("*.nrrd") if not p.name.startswith(first.id)]
    assert len(orphans) == fail_at - 1
    for path in orphans:
        os.utime(path, (0, 0))
    again.add(*case, "axial", 6, WINDOW)
    assert len(list(library.folder.glob("*.nrrd"))) == 4 and not any(path.exists() for path in orphans)
    again.add(*case, "axial", 5, WINDOW)
    assert len(list(again)) == 3


@pytest.mark.parametrize("manifest_written", [False, True])
def test_a_kill_while_one_replaces_another_leaves_one_of_them(library, make_case, monkeypatch, manifest_written):
    volume, labels = make_case()
    old = library.add(volume, labels, "axial", 5, WINDOW)
    masks = {name: labels.mask(name) for name in labels.names}
    masks["liver"] = np.roll(masks["liver"], 1, axis=1)
    corrected = make_case(masks=masks)[1]

    class Killed(BaseException):
        pass

    def killed(*_given, **_named):
        raise Killed

    if manifest_written:
        monkeypatch.setattr(library_module, "removed", killed)
    else:
        monkeypatch.setattr(manifest_module, "write_text", killed)
    with pytest.raises(Killed):
        library.add(volume, corrected, "axial", 5, WINDOW, replaced=[old.id])
    monkeypatch.undo()
    (left,) = Library.open(library.folder)
    assert (left.info.id == old.id) is not manifest_written
    np.testing.assert_array_equal(left.labels == 1, (corrected if manifest_written else labels).mask("liver")[5])


def test_fresh_orphans_of_another_process_are_left_alone(library, case):
    fresh = library.folder / ("0" * 12 + "_image.nrrd")
    fresh.write_bytes(b"being written")
    library.add(*case, "axial", 4, WINDOW)
    assert fresh.exists()


def test_two_openers_do_not_lose_each_others_slices(library, case):
    other = Library.open(library.folder)
    library.add(*case, "axial", 4, WINDOW)
    other.add(*case, "axial", 5, WINDOW)
    assert len(Library.open(library.folder)) == 2


@pytest.mark.parametrize("kind", ["image", "label"])
def test_altered_and_missing_files_are_named(library, case, kind):
    info = library.add(*case, "axial", 5, WINDOW)
    path = library.folder / f"{info.id}_{kind}.nrrd"
    array = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    array[0, 0] += 1
    sitk.WriteImage(sitk.GetImageFromArray(array), str(path))
    with pytest.raises(InputError, match=path.name):
        library.load(info.id)
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(InputError, match=f"unreadable: .*{path.name}"):
        library.load(info.id)
    path.unlink()
    with pytest.raises(InputError, match=f"missing: .*{path.name}"):
        library.load(info.id)
    library.remove(info.id)
    assert len(library) == 0


def test_newer_and_damaged_manifests_are_told_apart(library, case):
    library.add(*case, "axial", 5, WINDOW)
    path = library.folder / "library.json"
    good = json.loads(path.read_text())
    path.write_text(json.dumps({**good, "format_version": 2, "exemplars": "unknown"}))
    with pytest.raises(InputError, match="Update SAMAdapt"):
        Library.open(library.folder)
    entry = good["exemplars"][0]
    for bad in (
        "[]", "{", '{"format_version": 1}', json.dumps({**good, "classes": ["liver"]}),
        json.dumps({**good, "exemplars": [{**entry, "id": "../../etc/pas"}]}),
        json.dumps({**good, "exemplars": [{**entry, "shape": [1, 2, 3]}]}),
    ):  # fmt: skip
        path.write_text(bad)
        with pytest.raises(InputError, match="Restore it from a copy"):
            Library.open(library.folder)


def test_folders_without_or_with_a_library(tmp_path, library):
    with pytest.raises(InputError, match="No exemplar library here"):
        Library.open(tmp_path / "nothing")
    with pytest.raises(InputError, match="already"):
        Library.create(library.folder)
    assert Library.open_or_create(library.folder)._manifest == library._manifest
    assert len(Library.open_or_create(tmp_path / "new")) == 0


def test_a_read_only_folder_is_an_error_and_loses_nothing(library, case, monkeypatch):
    first = library.add(*case, "axial", 4, WINDOW)
    monkeypatch.setattr("SAMAdaptLib.files.os.access", lambda *_: False)
    with pytest.raises(InputError, match="not writable"):
        library.add(*case, "axial", 5, WINDOW)
    with pytest.raises(InputError, match="not writable"):
        library.remove(first.id)
    assert [info.id for info in library.infos()] == [first.id]
    library.load(first.id)


@pytest.mark.parametrize("dtype", ["uint8", ">i2", "uint16", "int32", "float32", "float64"])
def test_raw_values_survive_in_their_type(library, dtype, make_case):
    volume, labels = make_case()
    raw = volume.array.astype(dtype)
    exemplar = library.load(library.add(Volume(raw, volume.geometry), labels, "axial", 5, WINDOW).id)
    assert exemplar.pixels.dtype == np.dtype(dtype).newbyteorder("=")
    np.testing.assert_array_equal(exemplar.pixels, raw[5])


def test_infos_cannot_be_changed(library, case):
    info = library.add(*case, "axial", 5, WINDOW)
    with pytest.raises(dataclasses.FrozenInstanceError):
        info.group = "x"
    assert isinstance(next(iter(library)), Exemplar)


def test_neighbours_come_along_and_end_with_the_volume(library, case):
    volume, labels = case
    inner = library.load(library.add(volume, labels, "axial", 5, WINDOW, neighbours=2).id)
    assert np.array_equal(inner.neighbours, volume.array[[3, 4, 6, 7]])
    grey = to_uint8(volume.array, inner.info.bounds)
    assert np.array_equal(inner.stack(5), grey[3:8]) and np.array_equal(inner.stack(3), grey[4:7])
    assert np.array_equal(inner.stack(4), grey[3:7]) and np.array_equal(inner.stack(1)[0], inner.image)
    last = library.load(library.add(volume, None, "axial", 11, WINDOW, background=True, neighbours=1).id)
    assert np.array_equal(last.neighbours, volume.array[[10, 11]])
    with pytest.raises(InputError, match="--neighbours 3"):
        inner.stack(7)
    with pytest.raises(InputError, match="0 to 16"):
        library.add(volume, labels, "axial", 6, WINDOW, neighbours=17)
    with pytest.raises(InputError, match="12 neighbours on each side .* has 12 along axial.*0 to 11"):
        library.add(volume, labels, "axial", 6, WINDOW, neighbours=12)


def test_altered_neighbours_are_noticed_and_removed_with_their_slice(library, case):
    info = library.add(*case, "axial", 5, WINDOW, neighbours=1)
    path = library.folder / f"{info.id}_neighbours.nrrd"
    slices_module.write_slice(path, np.zeros((2, *info.shape), np.int16), info.pixel_spacing)
    with pytest.raises(InputError, match="not what was added"):
        library.load(info.id)
    library.remove(info.id)
    assert not list(library.folder.glob("*.nrrd"))


def test_slices_known_by_their_classes_only(library, case):
    volume, labels = case
    info = library.add(volume, None, "axial", 5, WINDOW, present=("spleen", "liver"))
    assert info.present == ("spleen", "liver") and not info.classes and not info.background
    assert library.classes == ("spleen", "liver") and library.counts() == {"spleen": 0, "liver": 0}
    with pytest.raises(InputError, match="No exemplar has an outline of spleen, liver.*exemplars add --labels"):
        library.learnable()
    assert not Library.open(library.folder).load(info.id).labels.any()
    outlined = library.add(volume, labels, "axial", 6, WINDOW)
    assert set(np.unique(library.load(outlined.id).labels)) == {0, 1, 2}
    with pytest.raises(InputError, match="Choose one"):
        library.add(volume, None, "axial", 0, WINDOW, background=True, present=("liver",))
    with pytest.raises(InputError, match="one of the two"):
        library.add(volume, labels, "axial", 4, WINDOW, present=("liver",))
    with pytest.raises(InputError, match="holds no label"):
        library.add(volume, None, "axial", 4, WINDOW)


def test_real_left_handed_scan(library, shared_data):
    """Left-handed grid, thick slices: the tumour's area on the slice must be the file's own."""
    folder = shared_data / "brain_mri_tumour_pyradiomics"
    volume, labels = read_volume(folder / "brain1_image.nrrd"), read_labels(folder / "brain1_label.nrrd")
    areas = (labels.array > 0).sum(axis=(1, 2))
    index = int(areas.argmax())
    info = library.add(volume, labels, "axial", index, Intensity.parse("percentile:0.5/99.5"))
    exemplar = library.load(info.id)
    assert (exemplar.labels == 1).sum() == areas[index]
    assert sorted(exemplar.pixels.ravel()) == sorted(volume.array[index].ravel())
    assert info.pixel_spacing == pytest.approx((0.78125, 0.78125))
