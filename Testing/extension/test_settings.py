"""Folders in the application's settings."""

import numpy as np
import pytest

from SAMAdaptLib.sam.cache import EmbeddingCache, embedding_key

NAMES = ("exemplarLibrary", "adapterShelf", "runFolder", "embeddingFolder")


@pytest.fixture
def settings(application, tmp_path):
    from SAMAdaptModuleLib.app.Settings import Settings

    return Settings(dataFolder=tmp_path / "data", cacheFolder=tmp_path / "cache")


def test_folders_are_kept_in_the_applications_settings(settings, tmp_path):
    import qt
    from SAMAdaptModuleLib.app.Settings import Settings

    defaults = [getattr(settings, name) for name in NAMES]
    assert len(set(defaults)) == 4 and all(path.parent.name == "SAMAdapt" for path in defaults)
    assert defaults[0].is_relative_to(tmp_path / "data") and defaults[3].is_relative_to(tmp_path / "cache")
    for name in NAMES:
        setattr(settings, name, tmp_path / f"own {name}")
        assert qt.QSettings().value(f"SAMAdapt/{name}") == str(tmp_path / f"own {name}")
    again = Settings(dataFolder=tmp_path / "other")
    assert [getattr(again, name) for name in NAMES] == [tmp_path / f"own {name}" for name in NAMES]
    for name in NAMES:
        setattr(again, name, None)
    assert [getattr(settings, name) for name in NAMES] == defaults
    assert not any(path.exists() for path in defaults)


def test_the_defaults_lie_in_the_users_folders(application):
    import qt
    from SAMAdaptModuleLib.app.Settings import Settings

    place = qt.QStandardPaths.writableLocation(qt.QStandardPaths.AppDataLocation)
    assert str(Settings().runFolder).startswith(place) and place


def test_the_shelf_is_that_of_the_command_line_but_for_one_from_before(application, tmp_path, monkeypatch):
    import qt
    from SAMAdaptModuleLib.app.Settings import Settings

    monkeypatch.setenv("SAMADAPT_SHELF", str(tmp_path / "shared"))
    assert Settings().adapterShelf == tmp_path / "shared"
    monkeypatch.setattr(qt.QStandardPaths, "writableLocation", lambda kind: str(tmp_path / "application"))
    earlier = tmp_path / "application" / "SAMAdapt" / "adapters"
    earlier.mkdir(parents=True)
    assert Settings().adapterShelf == earlier
    (tmp_path / "shared").mkdir()
    assert Settings().adapterShelf == tmp_path / "shared"


def test_the_cache_is_measured_and_emptied_but_for_other_files(settings):
    assert (settings.cacheSize(), settings.clearCache()) == (0, 0) and not settings.embeddingFolder.exists()
    cache = EmbeddingCache(folder=settings.embeddingFolder)
    for value in range(3):
        cache.put(embedding_key(value=value), np.full((8, 16, 16), value, np.float32))
    foreign = settings.embeddingFolder / "mine.txt"
    foreign.write_text("kept")
    # Half precision, 2 bytes a value, with a header of 128 bytes and a checksum of 4.
    assert settings.cacheSize() == 3 * (8 * 16 * 16 * 2 + 132)
    assert settings.clearCache() == 3 * (8 * 16 * 16 * 2 + 132)
    assert settings.cacheSize() == 0 and foreign.read_text() == "kept"


def test_a_server_needs_an_address_and_a_token(settings, tmp_path):
    from SAMAdaptModuleLib.app.Settings import Settings

    from SAMAdaptLib.errors import InputError

    assert (settings.server, settings.tokenFile, settings.remote()) == ("", "", None)
    token = tmp_path / "token"
    token.write_text("short")
    cases = [("gpu", "", "needs a token"), ("gpu", tmp_path / "none", "Cannot read"), ("gpu", token, "5 bytes")]
    try:
        for server, path, words in cases:
            settings.server, settings.tokenFile = server, path
            with pytest.raises(InputError, match=words):
                settings.remote()
        token.write_text("0123456789abcdef\n")
        token.chmod(0o600)
        settings.server = "gpu:99999"
        with pytest.raises(InputError, match="no address"):
            settings.remote()
        settings.server = " gpu "
        place = Settings().remote()
        assert (place.host, place.port, place.token) == ("gpu", 5757, b"0123456789abcdef")
    finally:
        settings.server = settings.tokenFile = None
    assert Settings().remote() is None
