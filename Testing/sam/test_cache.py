import os
import threading
import time

import numpy as np
import pytest

from SAMAdaptLib.errors import InputError
from SAMAdaptLib.sam.cache import EmbeddingCache, embedding_key

NBYTES = 256 * 4 * 4 * 4
FILE_BYTES = 128 + NBYTES // 2 + 4


def embedding(seed, scale=1.0):
    return (scale * np.random.default_rng(seed).standard_normal((256, 4, 4))).astype(np.float32)


def keys(count):
    return [embedding_key(model="m", index=i) for i in range(count)]


def test_every_part_of_a_key_matters_and_their_order_does_not():
    parts = dict(model="a", adapter="", volume="v", intensity={"kind": "window", "bounds": [-160.0, 240.0]}, index=3)
    key = embedding_key(**parts)
    assert len(key) == 64 and key == embedding_key(**dict(reversed(parts.items())))
    assert key == embedding_key(**{**parts, "index": np.int64(3)})
    others = [{**parts, name: "other"} for name in parts]
    others += [{**parts, "intensity": {"kind": "window", "bounds": [-160.0, 240.5]}}, {**parts, "input_size": 256}]
    assert len({key, *(embedding_key(**other) for other in others)}) == len(others) + 1
    with pytest.raises(TypeError):
        embedding_key(model=object())


def test_memory_gives_back_exactly_what_was_put_as_a_copy():
    cache, (key,) = EmbeddingCache(), keys(1)
    array = embedding(0)
    cache.put(key, array)
    first = cache.get(key)
    assert first.dtype == np.float32 and np.array_equal(first, array)
    first[:] = 0
    array[:] = 0
    assert np.array_equal(cache.get(key), embedding(0))
    assert cache.get(keys(2)[1]) is None
    assert (cache.stats.ram_hits, cache.stats.misses, cache.stats.ram_bytes) == (2, 1, NBYTES)


def test_the_least_recently_used_leaves_memory_first():
    cache, (a, b, c, d) = EmbeddingCache(ram_bytes=3 * NBYTES), keys(4)
    for i, key in enumerate((a, b, c)):
        cache.put(key, embedding(i))
    cache.get(a)
    cache.put(b, embedding(1))
    cache.put(d, embedding(3))
    assert [cache.get(key) is not None for key in (a, b, c, d)] == [True, True, False, True]
    assert cache.stats.ram_bytes == 3 * NBYTES


def test_an_embedding_larger_than_the_budget_is_not_kept():
    cache, (a, b) = EmbeddingCache(ram_bytes=NBYTES), keys(2)
    cache.put(a, embedding(0))
    cache.put(b, np.zeros((256, 8, 8), np.float32))
    assert cache.get(a) is not None and cache.get(b) is None


def test_disk_keeps_half_precision_between_runs(tmp_path):
    (key,) = keys(1)
    EmbeddingCache(folder=tmp_path).put(key, embedding(0))
    path = tmp_path / key[:2] / f"{key}.npy"
    assert path.stat().st_size == FILE_BYTES
    assert np.array_equal(np.load(path, allow_pickle=False), embedding(0).astype(np.float16))
    later = EmbeddingCache(folder=tmp_path)
    read = later.get(key)
    # Half precision has 11 significant bits, so rounding errs by at most 2^-11 of the value.
    assert read.dtype == np.float16 and np.allclose(read, embedding(0), rtol=2**-11, atol=2**-25)
    later.get(key)
    assert (later.stats.disk_hits, later.stats.ram_hits, later.stats.disk_bytes) == (1, 1, FILE_BYTES)


def test_values_beyond_half_precision_stay_finite(tmp_path):
    (key,) = keys(1)
    array = embedding(0, scale=1e5)
    EmbeddingCache(folder=tmp_path).put(key, array)
    assert np.array_equal(EmbeddingCache(folder=tmp_path).get(key), array)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:2000] + bytes([data[2000] ^ 1]) + data[2001:],
        lambda data: b"",
        lambda data: b"not an array at all",
    ],
)
def test_a_damaged_file_is_a_miss_and_goes_away(tmp_path, damage):
    (key,) = keys(1)
    EmbeddingCache(folder=tmp_path).put(key, embedding(0))
    path = tmp_path / key[:2] / f"{key}.npy"
    path.write_bytes(damage(path.read_bytes()))
    cache = EmbeddingCache(folder=tmp_path)
    assert cache.get(key) is None and not path.exists()
    assert (cache.stats.damaged, cache.stats.misses, cache.stats.disk_bytes) == (1, 1, 0)
    cache.put(key, embedding(0))
    assert EmbeddingCache(folder=tmp_path).get(key) is not None


def test_the_longest_unused_files_leave_the_disk_first(tmp_path):
    cache = EmbeddingCache(ram_bytes=0, folder=tmp_path, disk_bytes=10 * FILE_BYTES)
    names = keys(11)
    for i, key in enumerate(names[:10]):
        cache.put(key, embedding(i))
        os.utime(tmp_path / key[:2] / f"{key}.npy", (1000 + i, 1000 + i))
    assert cache.get(names[0]) is not None
    cache.put(names[10], embedding(10))
    assert [i for i, key in enumerate(names) if cache.get(key) is None] == [1, 2]
    on_disk = sum(path.stat().st_size for path in tmp_path.rglob("*.npy"))
    assert cache.stats.disk_bytes == on_disk == 9 * FILE_BYTES and cache.stats.evicted_files == 2


def test_what_a_killed_run_left_half_written_goes_but_not_what_is_being_written(tmp_path):
    cache, (key,) = EmbeddingCache(folder=tmp_path), keys(1)
    for name, age in (("old", 7200), ("young", 60)):
        path = tmp_path / key[:2] / f".part-{name}-{key}.npy"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age,) * 2)
    assert EmbeddingCache(folder=tmp_path).stats.disk_bytes == 4
    cache.clear()
    assert [path.name for path in tmp_path.rglob("*.npy")] == [f".part-young-{key}.npy"]


def test_clear_leaves_files_of_others_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    cache, names = EmbeddingCache(folder=tmp_path), keys(3)
    for key in names:
        cache.put(key, embedding(0))
    cache.clear()
    assert [cache.get(key) for key in names] == [None] * 3
    assert (cache.stats.ram_bytes, cache.stats.disk_bytes) == (0, 0)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["notes.txt"]


def test_a_disk_that_fails_later_does_not_stop_the_work(tmp_path):
    cache, (key,) = EmbeddingCache(folder=tmp_path / "cache"), keys(1)
    (tmp_path / "cache" / key[:2]).write_text("a file where a folder should be")
    cache.put(key, embedding(0))
    assert np.array_equal(cache.get(key), embedding(0)) and cache.stats.failed_writes == 1


def test_bad_input_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError):
        EmbeddingCache(folder=tmp_path / "file")
    cache, (key,) = EmbeddingCache(folder=tmp_path), keys(1)
    with pytest.raises(ValueError):
        cache.put(key, np.zeros((4, 4), np.float32))
    with pytest.raises(ValueError):
        cache.put(key, np.zeros((1, 4, 4), np.float64))
    with pytest.raises(ValueError):
        cache.put("../../escape", embedding(0))


def test_threads_never_see_a_wrong_or_torn_array(tmp_path):
    cache = EmbeddingCache(ram_bytes=4 * NBYTES, folder=tmp_path, disk_bytes=12 * FILE_BYTES)
    names, errors = keys(16), []
    wanted = [embedding(i).astype(np.float16) for i in range(16)]

    def work(seed):
        rng = np.random.default_rng(seed)
        try:
            for i in rng.integers(0, 16, 60):
                array = cache.get(names[i])
                if array is None:
                    cache.put(names[i], embedding(i))
                elif not np.array_equal(array.astype(np.float16), wanted[i]):
                    errors.append(i)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stats = cache.stats
    assert errors == [] and stats.damaged == 0 and stats.failed_writes == 0
    assert stats.ram_bytes <= 4 * NBYTES and stats.ram_hits + stats.disk_hits + stats.misses == 360
    on_disk = sum(path.stat().st_size for path in tmp_path.rglob("*.npy"))
    assert on_disk <= 12 * FILE_BYTES
