"""Slices of a head: a scan that shows one is told, and what is far from the labels goes nowhere once it is blanked."""

from __future__ import annotations

import json

import numpy as np
import pytest
import SimpleITK as sitk

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError, Note
from SAMAdaptLib.exemplars.deface import head_names, near_labels, shows_head
from SAMAdaptLib.exemplars.foreign import foreign_parts
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.thumbnail import thumbnail
from SAMAdaptLib.jobs.exemplars import Chosen, add_exemplars
from SAMAdaptLib.jobs.synthesize import synthesize
from SAMAdaptLib.volume.geometry import Geometry
from SAMAdaptLib.volume.labels import Labels
from SAMAdaptLib.volume.volume import Volume, read_volume
from Testing.exemplars.conftest import build

# Rows 0.8 mm, columns 0.5 mm.
# No two pixel centres are so far apart, for rounding to decide.
SPACING, MARGIN = (0.8, 0.5), 1.73


def distances(outlined: np.ndarray) -> np.ndarray:
    """mm from each pixel's centre to the nearest outlined one's, pair by pair."""
    every = np.stack(np.indices(outlined.shape), -1) * SPACING
    return np.linalg.norm(every[:, :, None] - every[outlined][None, None], axis=-1).min(axis=2)


@pytest.fixture
def head() -> tuple[Volume, Labels]:
    """A CT: a head of soft tissue with bone and fat, in air, and a brain outlined within."""
    rng = np.random.default_rng(0)
    geometry = Geometry.from_lps((64, 48, 5), (0.5, 0.8, 4.0), (0.0, 0.0, 0.0), np.eye(3).ravel())
    array = rng.normal(-1000, 5, (5, 48, 64))
    y, x = np.mgrid[:48, :64]
    radius = np.hypot((y - 24) * 0.8, (x - 32) * 0.5)
    array[:, radius < 15] = rng.normal(-100, 10, (5, int((radius < 15).sum())))
    array[:, radius < 13] = rng.normal(700, 50, (5, int((radius < 13).sum())))
    array[:, radius < 11] = rng.normal(35, 5, (5, int((radius < 11).sum())))
    labels = np.zeros(array.shape, np.uint16)
    labels[1:4, radius < 10] = 1
    volume = Volume(np.round(array).astype(np.int16), geometry, "head", "CT", "", "HEAD")
    return volume, Labels(labels, geometry, {"lesion": 1})


def add(library, case, index: int = 2, **options):
    return add_exemplars(library, *case, [Chosen(index)], **options)[0].info


def test_near_is_a_disc_in_mm_around_every_outlined_pixel() -> None:
    outlined = np.zeros((20, 30), bool)
    outlined[9:11, 12:18] = outlined[3, 25] = True
    assert np.array_equal(near_labels(outlined, SPACING, MARGIN), distances(outlined) <= MARGIN)
    assert not near_labels(np.zeros((4, 4), bool), SPACING, 100).any()


def test_what_is_far_is_blanked_in_slice_and_neighbours_and_all_else_stays(tmp_path) -> None:
    volume, labels = build()
    info = add(tmp_path / "L", (volume, labels), 5, blanked_mm=MARGIN, neighbours=1, subject="one")
    exemplar = Library.open(tmp_path / "L").load(info.id)
    far = distances(labels.array[5] > 0) > MARGIN
    assert info.blanked_mm == MARGIN == exemplar.info.blanked_mm and 0.3 < far.mean() < 0.95
    for pixels, source in ((exemplar.pixels, 5), (exemplar.neighbours[0], 4), (exemplar.neighbours[1], 6)):
        assert np.array_equal(pixels[~far], volume.array[source][~far])
        assert set(pixels[far]) == {volume.array.min()}
    assert np.array_equal(exemplar.labels, labels.array[5])
    # Found on the whole volume, as without.
    whole = add(tmp_path / "whole", (volume, labels), 5, subject="one")
    assert (info.bounds, info.intensity) == (whole.bounds, whole.intensity)
    assert not exemplar.image[far].any() and np.array_equal(exemplar.image[~far], _image(tmp_path / "whole")[~far])


def _image(folder):
    return next(iter(Library.open(folder))).image


def test_a_ct_stays_one_with_air_around_and_bone_within(tmp_path, head) -> None:
    volume, labels = head
    info = add(tmp_path / "L", head, blanked_mm=3)
    exemplar = Library.open(tmp_path / "L").load(info.id)
    far = ~near_labels(labels.array[2] > 0, SPACING, 3)
    assert set(exemplar.pixels[far]) == {-1000} and info.intensity.startswith("window:")
    assert exemplar.ct and exemplar.bone.any() and not exemplar.bone[far].any()
    assert not exemplar.body[far].any() and exemplar.body[labels.array[2] > 0].all()
    # One of brain alone, in which nothing but the air around tells that it is a CT.
    info = add(tmp_path / "M", head, blanked_mm=0)
    alone = Library.open(tmp_path / "M").load(info.id)
    assert alone.ct and {*alone.pixels[alone.labels == 0]} == {-1000}


def test_pictures_and_synthetic_slices_show_what_was_left_only(tmp_path) -> None:
    """Half of the slice is white and stands for a face: without blanking both show it, and with it neither does."""
    volume, labels = build(masks={"liver": np.zeros((12, 20, 30), bool)})
    labels.masks["liver"][5, 4:10, 5:12] = True
    volume.array[:, :, 15:] = 99
    white = {}
    for name, margin in (("whole", None), ("blanked", 1.0)):
        add(tmp_path / name, (volume, labels), 5, blanked_mm=margin, intensity="window:50/100")
        (exemplar,) = Library.open(tmp_path / name)
        synthesize(tmp_path / name, tmp_path / f"{name}-made", count=4, seed=0)
        made = [sitk.GetArrayFromImage(sitk.ReadImage(path)) for path in (tmp_path / f"{name}-made").rglob("*_image*")]
        assert len(made) == 4
        pictures = [thumbnail(exemplar, 96)[..., 0], *made]
        white[name] = [float((one > 240).mean()) for one in pictures]
    # Some synthetic slices have the organ alone.
    assert min(white["whole"][:2]) > 0.4 and max(white["blanked"]) < 0.05


def test_what_has_no_outline_is_refused_before_anything_is_written(tmp_path, head) -> None:
    volume, labels = head
    for chosen, given, present in (
        ([Chosen(2), Chosen(0, background=True)], labels, ()), ([Chosen(2)], None, ("lesion",))
    ):  # fmt: skip
        with pytest.raises(InputError, match="no outline around which something could stay"):
            add_exemplars(tmp_path / "L", volume, given, chosen, present=present, blanked_mm=5)
    for margin in (-1, np.nan, np.inf):
        with pytest.raises(InputError, match="margin"):
            add(tmp_path / "L", head, blanked_mm=margin)
    assert not (tmp_path / "L").exists()


def test_a_slice_that_is_there_with_its_face_is_not_taken_for_blanked(tmp_path, head) -> None:
    with pytest.warns(Note, match="shows a head"):
        whole = add(tmp_path / "L", head)
    with pytest.raises(InputError, match=f"as {whole.id}, and not blanked.*--replace"):
        add(tmp_path / "L", head, blanked_mm=3)
    new = add(tmp_path / "L", head, blanked_mm=3, replace=True)
    assert [info.id for info in Library.open(tmp_path / "L").infos()] == [new.id] != [whole.id]
    assert not (tmp_path / "L" / f"{whole.id}_image.nrrd").exists()
    # Once more is the same one.
    assert add(tmp_path / "L", head, blanked_mm=3, replace=True) == new


def test_a_library_that_was_begun_so_goes_on_so(tmp_path, head) -> None:
    add(tmp_path / "L", head, blanked_mm=3)
    volume, labels = head
    with pytest.warns(Note, match="Blanked beyond 3 mm from the labels, as other slices of the library are"):
        added = add_exemplars(tmp_path / "L", *head, [Chosen(3), Chosen(0, background=True, named=False)])
    assert [one.info.blanked_mm for one in added] == [3] and len(Library.open(tmp_path / "L")) == 2
    exemplar = Library.open(tmp_path / "L").load(added[0].info.id)
    assert set(exemplar.pixels[~near_labels(labels.array[3] > 0, SPACING, 3)]) == {-1000}
    with pytest.raises(InputError, match="no outline around which something could stay"):
        add_exemplars(tmp_path / "L", *head, [Chosen(0, background=True)])


@pytest.mark.parametrize(
    "part, names, told",
    [
        ("HEAD", (), True), ("Brain w/o", (), True), ("HEAD_NECK", (), True), ("SKULL", (), True),
        ("WHOLEBODY", (), True), ("ABDOMEN", ("liver", "head of the femur", "pancreas head"), False), ("", (), False),
        ("CHEST", ("heart", "coronary sinus", "esophagus"), False), ("", ("RightParotid",), True),
        ("", ("left_eye",), True), ("", ("Brainstem", "liver"), True), ("", ("Kalenderbrainless",), False),
    ],
)  # fmt: skip
def test_a_head_is_known_by_what_dicom_and_the_names_say(part, names, told) -> None:
    volume = Volume(np.zeros((1, 2, 2)), build()[0].geometry, body_part=part)
    assert bool(shows_head(volume, names)) == told
    assert told or not head_names(names)


def test_what_dicom_says_was_examined_is_read_and_written_nowhere(tmp_path, head) -> None:
    from Testing.dicom_files import series

    volume, labels = head
    places = np.array([(0, 0, 4 * k) for k in range(5)])
    (tmp_path / "dicom").mkdir()
    read = read_volume(series(tmp_path / "dicom", volume.array, places, (0.8, 0.5), BodyPartExamined="DOE FACE"))
    assert read.body_part == "DOE FACE" and np.array_equal(read.array, volume.array)
    with pytest.warns(Note, match="shows a head, as its DICOM header says FACE, and.*--deface"):
        add(tmp_path / "L", (read, Labels(labels.array, read.geometry, {"lesion": 1})))
    assert not [path for path in (tmp_path / "L").iterdir() if b"FACE" in path.read_bytes()]


def test_a_library_that_shows_more_than_it_says_is_found(tmp_path, head) -> None:
    info = add(tmp_path / "L", head, blanked_mm=3, neighbours=1)
    library = Library.open(tmp_path / "L")
    assert foreign_parts(library) == []
    path = tmp_path / "L" / "library.json"
    values = json.loads(path.read_text())
    values["exemplars"][0]["blanked_mm"] = 1.0
    path.write_text(json.dumps(values))
    (found,) = foreign_parts(Library.open(tmp_path / "L"))
    assert found.file == f"{info.id}_image.nrrd" and "blanked" in found.what
    values["exemplars"][0]["blanked_mm"] = -1
    path.write_text(json.dumps(values))
    with pytest.raises(InputError, match="damaged"):
        Library.open(tmp_path / "L")


def test_on_the_command_line(tmp_path, capsys) -> None:
    volume, labels = build()
    for name, array in (("scan", volume.array), ("labels", labels.array)):
        sitk.WriteImage(sitk.GetImageFromArray(array), str(tmp_path / f"{name}.nrrd"))
    given = ["--image", str(tmp_path / "scan.nrrd"), "--labels", str(tmp_path / "labels.nrrd"), "--merge", "brain=1"]

    def call(*words: str, code: int = 0) -> tuple[str, str]:
        assert main(["exemplars", *words, "--library", str(tmp_path / "L")]) == code
        return capsys.readouterr()

    _, error = call("add", *given, "--suggest", "2", "--deface", "--backgrounds", "1", code=2)
    assert "--backgrounds" in error and not (tmp_path / "L").exists()
    # Labels run without a gap, so that backgrounds would come along.
    out, error = call("add", *given, "--suggest", "2", "--deface", "3", "--json")
    assert len(json.loads(out)["added"]) == 2 and not json.loads(out)["backgrounds"] and "face" not in error
    listed = json.loads(call("list", "--json")[0])["exemplars"]
    assert [one["blanked_mm"] for one in listed] == [3.0, 3.0]
    assert "2 slices of 2 blanked" in call("check")[0]
    for one in listed:
        call("remove", one["id"])
    _, error = call("add", *given, "--slices", "8")
    assert "brain is outlined in it" in error and "face" in error
    told = json.loads(call("check", "--json")[0])
    assert len(told["whole"]) == 1 and told["head"] == ["brain"]
    assert "brain: of a head. 1 slice whole, whose pixels can show a face" in call("check")[0]
