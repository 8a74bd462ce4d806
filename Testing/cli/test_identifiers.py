"""Nothing that names a patient, this computer or its user leaves it, or stands where nobody expects it.

A DICOM series has every element of the dictionary that can name somebody filled with a text that stands nowhere else,
and so have its folder, its file names, and the header of its labels. The job runs from exemplars to study, and every
byte that was written, or sent to a server, is searched.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import io
import logging
import platform
import shutil
import socket
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from PIL import Image

from SAMAdaptLib.cli.main import main
from SAMAdaptLib.exemplars.library import Library
from SAMAdaptLib.exemplars.thumbnail import thumbnail
from SAMAdaptLib.sam.registry import MODELS
from SAMAdaptLib.study.run import run_study
from Testing.tiny import TINY_VIT, scan

pydicom = pytest.importorskip("pydicom", reason="pydicom (the extra dicom) is not installed")
from Testing import identifiers  # noqa: E402
from Testing.dicom_files import series  # noqa: E402
from Testing.study.scene import described, write_index, write_weights  # noqa: E402

pytestmark = pytest.mark.slow

# Of those that table E.1-1 of PS3.15 removes, some of each kind; a series without one of them would prove less.
PROFILE = """
AccessionNumber AcquisitionComments AcquisitionDate AcquisitionDateTime AcquisitionTime AdmissionID AdmittingDate
AdmittingDiagnosesDescription Allergies BranchOfService ClinicalTrialSubjectID ContentCreatorName ContentDate
ContentTime CountryOfResidence DetectorID DeviceSerialNumber DeviceUID EthnicGroup FrameOfReferenceUID ImageComments
InstitutionAddress InstitutionName InstitutionalDepartmentName IssuerOfPatientID LastMenstrualDate MedicalAlerts
MedicalRecordLocator MilitaryRank NameOfPhysiciansReadingStudy Occupation OperatorsName OtherPatientIDs
OtherPatientNames PatientAddress PatientAge PatientBirthDate PatientBirthName PatientBirthTime PatientComments
PatientID PatientMotherBirthName PatientName PatientReligiousPreference PatientSex PatientSize PatientTelephoneNumbers
PatientWeight PerformedProcedureStepDescription PerformingPhysicianName ProtocolName ReferringPhysicianName
RegionOfResidence RequestingPhysician ReviewerName ScheduledStationAETitle SeriesDate SeriesDescription
SeriesInstanceUID SeriesTime SOPInstanceUID SpecialNeeds StationName StudyComments StudyDate StudyDescription StudyID
StudyInstanceUID StudyTime TimezoneOffsetFromUTC
""".split()

FOLDER, FILE, LABELS, HOME = (identifiers.mark(n, identifiers.OWN) for n in range(4))
KEY, HOST, USER, SUBJECT = (identifiers.mark(0xF0000000 + n) for n in range(4))
PLACES = np.array([(-10, -20, 5 + 3 * k) for k in range(6)])
SHARED = ("library", "library.png", "ellipses.samadapt.zip", "shelf", "run/adapter", "synthetic", "cache", "segmented")


def scans(folder: Path, seed: int) -> tuple[Path, Path, set[str]]:
    """A series and its labels; the folder, the file, and the texts planted in both."""
    volume, labels = scan(seed)
    place = series(folder / f"{FOLDER}{seed}", volume.array, PLACES, (1, 1), name=FILE + "{}.dcm", uid=str(seed))
    texts = set()
    for path in place.iterdir():
        data = pydicom.dcmread(path)
        number = data.InstanceNumber
        assert identifiers.plant(data) > 1000
        data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = f"{identifiers.ROOT}{seed}.{number}"
        data.SeriesInstanceUID = f"{identifiers.ROOT}{seed}"
        data.save_as(path)
        texts |= identifiers.planted_texts(data)
        assert not [name for name in PROFILE if not identifiers.found(str(data[name].value).encode())]
    image = sitk.GetImageFromArray(labels.array)
    image.CopyInformation(sitk.ReadImage(sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(place))))
    for key in ("PatientName", "0010|0010", KEY, "Segmentation_ConversionParameters", "descrip"):
        image.SetMetaData(key, identifiers.mark(0xF1000000))
    file = folder / f"{LABELS}{seed}.nrrd"
    sitk.WriteImage(image, str(file))
    assert KEY.encode() in file.read_bytes()[:2000]
    return place, file, texts


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory):
    """The whole job: its folder, what it told, and the texts that were planted."""
    home = tmp_path_factory.mktemp(HOME)
    out = tmp_path_factory.mktemp("out")
    with pytest.MonkeyPatch.context() as patch, capture() as told:
        patch.setitem(MODELS, TINY_VIT.name, TINY_VIT)
        for name in ("HOME", "USERPROFILE"):
            patch.setenv(name, str(home))
        for name in ("USER", "LOGNAME", "USERNAME"):
            patch.setenv(name, USER)
        patch.setattr(socket, "gethostname", lambda: HOST)
        patch.setattr(platform, "node", lambda: HOST)
        patch.setenv("SAMADAPT_CACHE", str(out / "downloads"))
        patch.setenv("SAMADAPT_SHELF", str(out / "shelf"))
        patch.chdir(home)
        first, labels, texts = scans(home, 1)
        other, truth, more = scans(home, 2)
        weights = write_weights(home / "w.safetensors")
        _work(out, home, (first, labels), (other, truth), weights)
    assert "Traceback" not in told.getvalue()
    return out, home, told.getvalue(), texts | more | {str(first), first.name, labels.name, HOST, USER, SUBJECT}


@contextlib.contextmanager
def capture():
    """What goes to the console and to Python's logs, of every level."""
    told = io.StringIO()
    handler, root = logging.StreamHandler(told), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
            yield told
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def _work(out: Path, home: Path, first: tuple[Path, Path], other: tuple[Path, Path], weights: Path) -> None:
    model = ("--model", TINY_VIT.name, "--checkpoint", weights, "--device", "cpu")
    names = ("--merge", "disc=1", "bean=2")
    own = ("--image", first[0], "--labels", first[1], *names)
    _call("exemplars", "add", "--library", out / "library", *own, "--suggest", 2, "--backgrounds", 1, "--neighbours", 1,
          "--subject", SUBJECT)  # fmt: skip
    _call("exemplars", "list", "--library", out / "library")
    exemplar = next(iter(Library.open(out / "library")))
    Image.fromarray(thumbnail(exemplar)).save(out / "library.png")
    _call("synthesize", "--library", out / "library", "--count", 2, "--output", out / "synthetic")
    _call("finetune", "--library", out / "library", *model, "--method", "lora", "--output", out / "run", "--steps", 2,
          "--set", "prompts_per_slice=1", "--set", "batch_size=1", "--precision", "fp32")  # fmt: skip
    _call("adapters", "add", out / "run", "ellipses")
    _call("adapters", "export", "ellipses", out / "ellipses.samadapt.zip")
    _call("adapters", "import", out / "ellipses.samadapt.zip", "--name", "brought")
    run = (*model, "--adapter", out / "run")
    _call("segment", "--image", other[0], *run, "--segment", "disc", "--box=-17,-6,14,1,10,14",
          "--cache", out / "cache", "--output", out / "segmented" / "a.seg.nrrd")  # fmt: skip
    _call("evaluate", "--image", other[0], "--labels", other[1], *names, *run, "--prompt", "box",
          "--output", out / "evaluation")  # fmt: skip
    pairs = enumerate((first, other))
    rows = [{"image": str(image), "labels": str(file), "patient": f"P{n}"} for n, (image, file) in pairs]
    description = described(write_index(home / "index.csv", rows), weights, {"method": "decoder"}, test_prompts=["box"])
    description["data"] |= {"test": ["P1"], "names": str(_names(home))}
    run_study(description, out / "study")
    _call("report", out / "study")


def _names(home: Path) -> Path:
    (home / "names.csv").write_text("1,disc\n2,bean\n", encoding="utf-8")
    return home / "names.csv"


def _call(*words: object) -> None:
    assert main([str(word) for word in words]) == 0, sys.stderr.getvalue()[-1000:]


def test_what_is_planted_is_found_however_it_is_packed():
    """The search itself: nothing that follows would mean anything without it."""
    mark = identifiers.mark(0x100010)
    hashed = identifiers.digests({mark})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", f"somebody is {mark}")
    for data in (
        mark.lower().encode(),
        b"1" + mark.encode("utf-16-le"),
        *(base64.b64encode(b"x" * n + mark.encode()) for n in range(3)),
        b"head\n\n" + gzip.compress(mark.encode()),
        b"PNG zTXt" + zlib.compress(mark.encode()),
        packed.getvalue(),
        hashlib.sha256(mark.encode()).hexdigest().encode(),
        b'"birth": "19370723"',
    ):
        assert any(identifiers.found(part, hashed) for part in identifiers.within("f", data).values()), data
    for data in (b"0.12319370723", b"137193707231", hashlib.sha256(b"other").hexdigest().encode()):
        assert not any(identifiers.found(part, hashed) for part in identifiers.within("f", data).values()), data


def test_no_element_of_dicom_or_of_a_header_is_written_anywhere(job) -> None:
    out, home, told, _ = job
    sources = "\n".join(identifiers.searched(home)[1])
    assert all(path.name in sources for path in home.rglob("*.dcm"))
    count, hits = identifiers.searched(out)
    assert count > 40 and not hits, hits[:20]
    assert not identifiers.found(told.encode())


@pytest.mark.parametrize("shared", SHARED)
def test_what_is_handed_on_names_no_file_or_user_or_computer(job, shared) -> None:
    out, home, _, texts = job
    place = out / shared
    if place.is_file():
        place = out / "single" / shared.replace(".", "-")
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(out / shared, place)
    count, hits = identifiers.searched(place, identifiers.digests(texts), (identifiers.OWN, str(home), str(out)))
    assert count and not hits, hits[:20]
