"""Nothing in the library or the extension is without a caller; what others call by its name says who they are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Who calls or reads what no line here does.
ELSEWHERE = {
    "Slicer makes these classes and asks them": """
        SAMAdapt SAMAdaptWidget SAMAdaptTest SegmentEditorEffect categories dependencies contributors helpText
        acknowledgementText enter runTest perSegment requireSegments icon setupOptionsFrame setMRMLDefaults
        updateGUIFromMRML activate sourceVolumeNodeChanged referenceGeometryChanged layoutChanged
        interactionNodeModified processInteractionEvents processViewNodeEvents
    """,
    "Python asks a module for what it does not have yet": "__getattr__ __dir__",
    "what is given in place of a protocol is called": "__call__",
    "a plugin of the DICOM module reads it": "directory",
    "Qt reads and calls": "eventFilter keyPressEvent enabled currentPath styleSheet",
    "registries load a class by the name of its file": "DbSam Decoder Full Msa SamMix TinyVitFamily VitFamily",
    "a registry calls it": "most_labels diverse",
    "tornado calls it": "on_message write_error status_code",
    "a worker calls it by its name": "boxPlot",
    "columns of tables, by number": "DATE DICE",
    "files hold it": "format_version",
    "numpy, pydicom and segment_anything read it": """
        writeable PhotometricInterpretation MediaStorageSOPClassUID SOPClassUID input_image_size mask_input_size
    """,
    "what a cache, a connection and a reply tell of themselves": """
        ram_hits disk_hits misses evicted_files failed_writes bytes_sent stageLog superseded
    """,
    "where a synthetic slice tells that it is from": "background_id",
    "the caller gives it, and lru_cache goes by it": "signalled modified",
}


def told_in(files: str, pattern: str) -> set[str]:
    """Names in pages for users and in forms."""
    return {name for path in ROOT.glob(files) for name in re.findall(pattern, path.read_text(encoding="utf-8"))}


def test_nothing_is_without_a_caller():
    vulture = pytest.importorskip("vulture")
    scan = vulture.Vulture()
    scan.scavenge([str(ROOT / "SAMAdaptLib"), str(ROOT / "SAMAdapt")])
    found = {item.name: item for item in scan.get_unused_code(min_confidence=60)}
    elsewhere = {name for names in ELSEWHERE.values() for name in names.split()}
    told = told_in("docs/console.md", r"(\w+)\(")
    told |= told_in("SAMAdapt/Resources/UI/*.ui", r'"SlicerParameterName" stdset="0"><string notr="true">(\w+)<')
    left = [
        f"{Path(item.filename).relative_to(ROOT)}:{item.first_lineno}: {name}"
        for name, item in sorted(found.items())
        if name not in elsewhere | told
    ]
    assert not left, "\n".join(left)
