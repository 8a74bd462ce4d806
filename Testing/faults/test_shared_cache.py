"""Several processes on one folder of embeddings, which is too small for what they keep in it; one of them is killed."""

from __future__ import annotations

import multiprocessing
import random
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from SAMAdaptLib.sam.cache import UNSEEN_SHARE, EmbeddingCache, embedding_key
from Testing.faults.record import record
from Testing.faults.trials import ALL

pytestmark = pytest.mark.slow

PROCESSES, KEYS, TURNS = 3, 60, 3000 if ALL else 400
SIDE = 4
FILE_BYTES = 128 + 2 * 256 * SIDE * SIDE + 4
BUDGET = 20 * FILE_BYTES


def embedding(number: int) -> np.ndarray:
    """Of half precision, in which it is kept; each number's own."""
    return np.random.default_rng(number).standard_normal((256, SIDE, SIDE)).astype(np.float16)


def key(number: int) -> str:
    """Under which an embedding is kept."""
    return embedding_key(model="m", index=number)


def work(folder: Path, seed: int, turns: int, pipe: Connection) -> None:
    """Ask for embeddings, and keep those that are not there; tells how many were another's, and the cache's counts."""
    chance, wrong = random.Random(seed), 0
    cache = EmbeddingCache(0, folder, BUDGET)
    pipe.send("begun")
    for _ in range(turns):
        number = chance.randrange(KEYS)
        found = cache.get(key(number))
        if found is None:
            cache.put(key(number), embedding(number))
        elif not np.array_equal(found, embedding(number)):
            wrong += 1
    pipe.send((wrong, cache.stats))


def test_no_process_ever_gets_another_embedding_and_the_folder_stays_small(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    running = []
    for seed in range(PROCESSES):
        here, there = context.Pipe()
        # The last one has more to do than it will live to.
        turns = TURNS if seed < PROCESSES - 1 else 1 << 30
        running.append((context.Process(target=work, args=(tmp_path, seed, turns, there), daemon=True), here))
        running[-1][0].start()
    for process, pipe in running:
        assert pipe.recv() == "begun" and process.is_alive()
    *others, (victim, _) = running
    told = [pipe.recv() for _, pipe in others[:1]]
    victim.kill()
    told += [pipe.recv() for _, pipe in others[1:]]
    for process, _ in running:
        process.join()
    record("cache, several processes", TURNS * len(others), sum(wrong for wrong, _ in told))
    for wrong, stats in told:
        assert (wrong, stats.damaged, stats.failed_writes) == (0, 0, 0)
        assert stats.disk_hits > TURNS / 10 and stats.evicted_files > 0
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    whole = [path for path in files if not path.name.startswith(".")]
    # What the victim was writing may be left, and what each had written since its last look.
    assert len(files) - len(whole) <= 1
    most = BUDGET + PROCESSES * (UNSEEN_SHARE * BUDGET + FILE_BYTES)
    assert sum(path.stat().st_size for path in whole) <= most
    fresh = EmbeddingCache(0, tmp_path, BUDGET)
    kept = [number for number in range(KEYS) if (found := fresh.get(key(number))) is not None
            and np.array_equal(found, embedding(number))]  # fmt: skip
    assert len(kept) == len(whole) > 10 and fresh.stats.damaged == 0
