"""DICOM segmentations that are written, read back by highdicom, by pydicom and by our own reader."""

from __future__ import annotations

import json

import nrrd
import numpy as np
import pydicom
import pytest

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.jobs import load
from SAMAdaptLib.jobs.load import LoadedModel
from SAMAdaptLib.volume.dicom_write import MAY_BE_EMPTY, write_dicom_segmentation
from SAMAdaptLib.volume.result import write_result
from SAMAdaptLib.volume.segfile import read_labels, write_segmentation
from SAMAdaptLib.volume.volume import read_volume, write_volume
from Testing.dicom_files import MR, ROOT, enhanced, save, series
from Testing.jobs.test_segment import Thresholder
from Testing.volume.test_film import ultrasound

hd = pytest.importorskip("highdicom", reason="highdicom, which writes the segmentations, is not installed")

SHAPE = (7, 12, 16)
TURNED = np.array([[0.8, 0.6, 0.0], [-0.6, 0.8, 0.0]])
SCANNED = {"SliceThickness": "2.5", "Manufacturer": "x", "PatientBirthDate": "", "PatientSex": "", "StudyDate": ""}


def masks() -> dict[str, np.ndarray]:
    k, j, i = np.indices(SHAPE)
    return {
        "liver": (abs(k - 3) <= 1) & (j > 2) & (j < 9) & (i > 1) & (i < 9),
        "left kidney": (k == 4) & (j > 6) & (i > 6),
        "something new": (k == 0) & (i == j),
    }


def places(axes, step=2.5) -> list[np.ndarray]:
    return [np.array([-10.0, 20, 5]) + step * k * np.cross(*axes) for k in range(SHAPE[0])]


def values() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 1000, SHAPE).astype(np.int16)


@pytest.fixture(params=["straight", "turned", "downwards", "many frames", "some of many frames"])
def image(request, tmp_path):
    """A source, and what is chosen of it."""
    axes = TURNED if request.param == "turned" else np.eye(3)[:2]
    if "many" in request.param:
        path = tmp_path / "enhanced.dcm"
        times = None
        array, at = values(), places(axes)
        if request.param.startswith("some"):
            array, at = np.concatenate([array, array + 1]), at * 2
            times = [{"TemporalPositionIndex": 1 + n // SHAPE[0]} for n in range(2 * SHAPE[0])]
        data = enhanced(path, array, at, axes=axes, content=times)
        for keyword, value in SCANNED.items():
            setattr(data, keyword, value)
        save(data)
        return path, "8-14" if times else None
    step = -2.5 if request.param == "downwards" else 2.5
    return series(tmp_path / "scan", values(), places(axes, step), axes=axes, **SCANNED), None


def test_others_read_what_was_written(image, tmp_path) -> None:
    path, frames = image
    volume = read_volume(path, frames=frames)
    with pytest.warns(match="says whose it is"):
        write_dicom_segmentation(tmp_path / "out.dcm", masks(), volume.geometry, path, frames=frames)
    # Our own reader goes by places in the patient.
    read = read_labels(tmp_path / "out.dcm")
    assert [*read.names] == [*masks()] and read.series == volume.series == ROOT + "1"
    low = int(round((read.geometry.to_ras(np.zeros((1, 3))) - volume.geometry.to_ras(np.zeros((1, 3))))[0, 2] / 2.5))
    assert low == 0 and read.geometry.size[:2] == volume.geometry.size[:2]
    for name, mask in masks().items():
        found = np.zeros(SHAPE, bool)
        found[: len(read.mask(name))] = read.mask(name)
        np.testing.assert_array_equal(found, mask)
    # highdicom goes by what the frames refer to.
    seg = hd.seg.segread(tmp_path / "out.dcm")
    if path.is_dir():
        sources = [pydicom.dcmread(file) for file in sorted(path.iterdir())]
        there = {float(one.ImagePositionPatient[2]): one.SOPInstanceUID for one in sources}
        ordered = [there[height] for height in sorted(there)]
        planes = seg.get_pixels_by_source_instance(
            ordered, combine_segments=False, assert_missing_frames_are_empty=True
        )
    else:
        numbers = [*range(8, 15)] if frames else [*range(1, 8)]
        uid = pydicom.dcmread(path).SOPInstanceUID
        planes = seg.get_pixels_by_source_frame(uid, numbers, assert_missing_frames_are_empty=True)
    for number, mask in enumerate(masks().values()):
        np.testing.assert_array_equal(planes[..., number].astype(bool), mask)


def test_it_says_whose_it_is_and_what_it_shows(tmp_path) -> None:
    path = series(tmp_path / "scan", values(), places(np.eye(3)[:2]), **SCANNED)
    geometry = read_volume(path).geometry
    with pytest.warns(match="says whose it is"):
        write_dicom_segmentation(tmp_path / "out.dcm", masks(), geometry, path)
    data = pydicom.dcmread(tmp_path / "out.dcm")
    assert (data.PatientID, str(data.PatientName), data.Modality) == ("4711", "Doe^Jane", "SEG")
    assert data.StudyInstanceUID == ROOT + "9" and data.FrameOfReferenceUID == ROOT + "8"
    assert data.ReferencedSeriesSequence[0].SeriesInstanceUID == ROOT + "1"
    types = [one.SegmentedPropertyTypeCodeSequence[0] for one in data.SegmentSequence]
    # SNOMED CT: liver, kidney, tissue.
    assert [one.CodeValue for one in types] == ["10200004", "64033007", "85756007"]
    assert types[1].SegmentedPropertyTypeModifierCodeSequence[0].CodeMeaning == "Left"
    assert {one.CodingSchemeDesignator for one in types} == {"SCT"}
    kinds = {one.SegmentAlgorithmType for one in data.SegmentSequence}
    assert kinds == {"SEMIAUTOMATIC"} and data.SegmentSequence[0].SegmentLabel == "liver"
    # Slicer's colour of the liver is (221, 130, 101); DICOM keeps L, a, b in steps of 1/65535.
    back = read_labels(tmp_path / "out.dcm").colors["liver"]
    assert np.allclose(np.array(back) * 255, (221, 130, 101), atol=1)


def test_a_name_of_one_part_is_not_told_in_the_log(tmp_path, recwarn) -> None:
    path = series(tmp_path / "scan", values(), places(np.eye(3)[:2]), **SCANNED, PatientName="Solitary")
    write_dicom_segmentation(tmp_path / "out.dcm", masks(), read_volume(path).geometry, path)
    assert pydicom.dcmread(tmp_path / "out.dcm").PatientName == "Solitary"
    assert [str(one.message) for one in recwarn if "Solitary" in str(one.message)] == []


@pytest.mark.parametrize("thickness", [{}, {"SliceThickness": ""}, {"SliceThickness": "4"}])
def test_slices_of_no_thickness_are_as_thick_as_they_are_apart(tmp_path, thickness) -> None:
    """Which converted files leave out, and highdicom asks for."""
    path = series(tmp_path / "scan", values(), places(np.eye(3)[:2]), **SCANNED | {"SliceThickness": None} | thickness)
    for file in path.iterdir() if not thickness else ():
        data = pydicom.dcmread(file)
        del data.SliceThickness
        data.save_as(file)
    with pytest.warns(match="says whose it is"):
        write_dicom_segmentation(tmp_path / "out.dcm", masks(), read_volume(path).geometry, path)
    shared = pydicom.dcmread(tmp_path / "out.dcm").SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert shared.SliceThickness == (4 if thickness.get("SliceThickness") else 2.5)


def test_terms_and_colours_of_a_segmentation_of_slicer_go_along(tmp_path) -> None:
    path = series(tmp_path / "scan", values(), places(np.eye(3)[:2]), **SCANNED)
    geometry, drawn = read_volume(path).geometry, {"something new": masks()["something new"]}
    write_segmentation(tmp_path / "a.seg.nrrd", drawn, geometry)
    voxels, header = nrrd.read(str(tmp_path / "a.seg.nrrd"))
    tag = "TerminologyEntry:General~SCT^123037004^Anatomical Structure~SCT^78961009^Spleen~^^~Regions~^^~^^|"
    nrrd.write(str(tmp_path / "a.seg.nrrd"), voxels, header | {"Segment0_Tags": tag, "Segment0_Color": "0.2 0.4 0.6"})
    write_result(tmp_path / "out.dcm", drawn, geometry, path, like=read_labels(tmp_path / "a.seg.nrrd"))
    (segment,) = pydicom.dcmread(tmp_path / "out.dcm").SegmentSequence
    assert segment.SegmentedPropertyTypeCodeSequence[0].CodeValue == "78961009"
    assert read_labels(tmp_path / "out.dcm").colors["something new"] == pytest.approx((0.2, 0.4, 0.6), abs=0.01)


def by_another(path, images) -> None:
    """A segmentation as somebody else wrote it: liver by hand, of a colour of its own, and a cyst by their network."""
    kinds, cid = hd.seg.SegmentAlgorithmTypeValues, pydicom.sr.codedict.codes.cid7162
    net = hd.AlgorithmIdentificationSequence("TheirNet", cid.ArtificialIntelligence, "7")
    liver, cyst = ("10200004", "SCT", "Liver"), ("367643001", "SCT", "Cyst")
    kidney, left = ("64033007", "SCT", "Kidney"), ("7771000", "SCT", "Left")
    coded = [pydicom.sr.coding.Code(*code) for code in (liver, cyst, kidney, left)]
    organ = pydicom.sr.coding.Code("113343008", "SCT", "Organ")
    shown = hd.color.CIELabColor.from_rgb(10, 200, 30)
    described = [
        hd.seg.SegmentDescription(1, "liver", organ, coded[0], kinds.MANUAL, display_color=shown),
        hd.seg.SegmentDescription(2, "B12", organ, coded[1], kinds.AUTOMATIC, net, anatomic_regions=[coded[2]]),
    ]
    described[1].AnatomicRegionSequence[0].AnatomicRegionModifierSequence = [hd.sr.CodedConcept(*left)]
    for image in images:
        for keyword in MAY_BE_EMPTY:
            setattr(image, keyword, image.get(keyword, ""))
    pixels = np.stack([masks()["liver"], masks()["left kidney"]], axis=-1)
    seg = hd.seg.Segmentation(
        images, pixels, "BINARY", described, series_instance_uid=ROOT + "55", series_number=2,
        sop_instance_uid=ROOT + "56", instance_number=1, manufacturer="x", manufacturer_model_name="x",
        software_versions="1", device_serial_number="1",
    )  # fmt: skip
    seg.save_as(path)


def test_what_is_not_mended_of_a_dicom_segmentation_is_still_anothers(tmp_path, monkeypatch) -> None:
    """Of the one that is mended the codes stay, but SAMAdapt has drawn it; the other stays as it is described."""
    monkeypatch.setattr(load, "load_model", lambda *given, **more: LoadedModel(Thresholder()))
    shown = np.where(masks()["liver"], 400, 10).astype(np.int16)
    shown[0, 0, :4] = 400
    path = series(tmp_path / "scan", shown, places(np.eye(3)[:2]), **SCANNED)
    by_another(tmp_path / "theirs.dcm", [pydicom.dcmread(file) for file in sorted(path.iterdir())])
    geometry = read_volume(path).geometry
    at = ",".join(f"{mm:g}" for mm in geometry.to_ras(np.array([[1, 0, 0]]))[0])
    words = ["segment", "--image", path, "--continue", tmp_path / "theirs.dcm", "--segment", "liver", f"--point={at}",
             "--intensity", "minmax", "--output"]  # fmt: skip
    assert main([str(word) for word in (*words, tmp_path / "out.dcm")]) == 0
    before, after = (pydicom.dcmread(tmp_path / name).SegmentSequence for name in ("theirs.dcm", "out.dcm"))
    assert after[1] == before[1] and after[1].SegmentAlgorithmName == "TheirNet"
    assert (after[0].SegmentAlgorithmType, after[0].SegmentAlgorithmName) == ("SEMIAUTOMATIC", "SAMAdapt")
    assert after[0].SegmentedPropertyCategoryCodeSequence == before[0].SegmentedPropertyCategoryCodeSequence
    colors = read_labels(tmp_path / "out.dcm").colors
    assert colors["liver"] == pytest.approx((10 / 255, 200 / 255, 30 / 255), abs=0.01)
    assert read_labels(tmp_path / "out.dcm").mask("liver")[0, 0, 1]
    # Slicer has it by its own tag, with the region and its side.
    assert main([str(word) for word in (*words, tmp_path / "out.seg.nrrd")]) == 0
    tags = nrrd.read_header(str(tmp_path / "out.seg.nrrd"))["Segment1_Tags"]
    assert "~SCT^113343008^Organ~SCT^367643001^Cyst~" in tags
    assert "~SCT^64033007^Kidney~SCT^7771000^Left" in tags
    again = read_labels(tmp_path / "out.seg.nrrd").terms["B12"]
    assert (again.region, again.region_side) == (("SCT", "64033007", "Kidney"), ("SCT", "7771000", "Left"))


def test_what_cannot_be_written_is_refused(tmp_path) -> None:
    path = series(tmp_path / "scan", values(), places(np.eye(3)[:2]), **SCANNED)
    geometry = read_volume(path).geometry
    out = tmp_path / "out.dcm"
    nothing = {"liver": np.zeros(SHAPE, bool)}
    with pytest.raises(InputError, match="Nothing was found"):
        write_dicom_segmentation(out, nothing, geometry, path)
    for name in ("x" * 65, "a\\b"):
        with pytest.raises(InputError, match="at most 64 characters"):
            write_dicom_segmentation(out, {name: masks()["liver"]}, geometry, path)
    write_volume(tmp_path / "plain.nrrd", values(), geometry)
    with pytest.raises(InputError, match=r"this is none.*plain\.nrrd"):
        write_dicom_segmentation(out, masks(), geometry, tmp_path / "plain.nrrd")
    other = series(tmp_path / "other", values(), places(np.eye(3)[:2], 3.0), **SCANNED)
    with pytest.raises(InputError, match="do not lie on the grid"):
        write_dicom_segmentation(out, masks(), geometry, other)
    for file in path.iterdir():
        data = pydicom.dcmread(file)
        del data.StudyInstanceUID
        data.save_as(file)
    with pytest.raises(InputError, match="lack what a segmentation has to repeat"):
        write_dicom_segmentation(out, masks(), geometry, path)
    assert not out.exists()


def test_of_a_frame_of_a_series_over_time_its_slices_are_referred_to(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(load, "load_model", lambda *given, **more: LoadedModel(Thresholder()))
    dark, shown = np.full(SHAPE, 10, np.int16), np.where(masks()["liver"], 400, 10).astype(np.int16)
    at, times = places(np.eye(3)[:2]), [str(ms) for ms in (0, 40) for _ in range(SHAPE[0])]
    path = series(tmp_path / "cine", np.concatenate([dark, shown]), at * 2, sop_class=MR, TriggerTime=times, **SCANNED)
    inside = ",".join(f"{mm:g}" for mm in read_volume(path, frame=2).geometry.to_ras(np.array([[5, 5, 3]]))[0])
    words = ["segment", "--segment", "liver", f"--point={inside}", "--propagate", "--intensity", "minmax", "--frame"]
    out = tmp_path / "out.dcm"
    assert main([*words, "2", "--image", str(path), "--output", str(out)]) == 0
    sources = [pydicom.dcmread(file) for file in path.iterdir()]
    mine = {one.SOPInstanceUID for one in sources if float(one.TriggerTime) == 40}
    data = pydicom.dcmread(out)
    told = [one.DerivationImageSequence[0].SourceImageSequence[0] for one in data.PerFrameFunctionalGroupsSequence]
    assert len(told) == 3 and {one.ReferencedSOPInstanceUID for one in told} <= mine
    (referred,) = data.ReferencedSeriesSequence
    assert {one.ReferencedSOPInstanceUID for one in referred.ReferencedInstanceSequence} == mine
    found, wanted = read_labels(out).mask("liver"), masks()["liver"]
    np.testing.assert_array_equal(found[found.any(axis=(1, 2))], wanted[wanted.any(axis=(1, 2))])
    capsys.readouterr()
    # The pictures of a film lie nowhere in the patient, and this is told before any work.
    film = save(ultrasound(tmp_path / "film.dcm", shown.astype(np.uint8)))
    refused = tmp_path / "film.seg.dcm"
    assert main([*words, "2", "--image", str(film), "--output", str(refused)]) == 2
    assert "frames of a film do not" in capsys.readouterr().err and not refused.exists()


def test_the_command_writes_it(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(load, "load_model", lambda *given, **more: LoadedModel(Thresholder()))
    shown = np.where(masks()["liver"], 400, 10).astype(np.int16)
    path = series(tmp_path / "scan", shown, places(np.eye(3)[:2]), **SCANNED)
    volume = read_volume(path)
    at = ",".join(f"{mm:g}" for mm in volume.geometry.to_ras(np.array([[5, 5, 3]]))[0])
    words = ["segment", "--image", str(path), "--segment", "liver", f"--point={at}", "--propagate",
             "--intensity", "minmax", "--json", "--output"]  # fmt: skip
    assert main([*words, str(tmp_path / "out.dcm")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert "says whose it is" in "".join(told["notes"])
    found = read_labels(tmp_path / "out.dcm")
    assert found.mask("liver").sum() == masks()["liver"].sum()
    # Another's file is not replaced, and nothing is computed for what cannot be written.
    assert main([*words, str(tmp_path / "out.dcm")]) == 2
    write_volume(tmp_path / "plain.nrrd", shown, volume.geometry)
    words[2] = str(tmp_path / "plain.nrrd")
    assert main([*words, str(tmp_path / "new.dcm")]) == 2
    assert "refers to the DICOM series" in capsys.readouterr().err and not (tmp_path / "new.dcm").exists()
