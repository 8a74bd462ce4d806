"""From click to answer through the worker, by stage, for volumes of 64 and 600 slices of 512x512 pixels.

    python Testing/benchmarks/worker.py [--model lite_medsam] [--clicks 40] [--slices 64 600] [--json FILE]

A click is a prediction on a slice whose embedding is ready, fetched by a timer as in an application. "own" is all but
the decoder and the wait for the timer is part of it.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from SAMAdaptLib.files import write_json
from SAMAdaptLib.prompts.types import Prompt
from SAMAdaptLib.service.client import Client
from SAMAdaptLib.service.link.place import Local
from SAMAdaptLib.service.protocol import SlicePlane
from SAMAdaptLib.service.reply import Reply, T
from SAMAdaptLib.volume.geometry import Geometry

SIDE = 512
PATIENCE = 300
STAGES = ("queue", "encode", "decode", "pack", "transfer", "total")


def phantom(slices: int) -> np.ndarray:
    """int16 [slices, 512, 512] in HU: a cylinder of soft tissue in air, with noise that is repeated every 16 slices."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    body = np.where((rows - 256) ** 2 + (columns - 256) ** 2 < 200**2, 40, -1000)
    body[(rows - 230) ** 2 + (columns - 300) ** 2 < 60**2] = 120
    parts = (body + rng.normal(0, 20, (16, SIDE, SIDE))).astype(np.int16)
    return parts[np.arange(slices) % 16]


def fetch(client: Client, request: Reply[T], timer: float) -> tuple[T, float]:
    """Poll like an application; returns the answer and the longest call in milliseconds."""
    longest = 0.0
    while not request.done():
        begun = time.perf_counter()
        client.poll()
        longest = max(longest, (time.perf_counter() - begun) * 1000)
        time.sleep(timer)
    return request.result(), longest


def measure(client: Client, slices: int, clicks: int, timer: float) -> dict[str, float]:
    """95th percentiles in milliseconds."""
    geometry = Geometry.from_lps((SIDE, SIDE, slices), (0.8, 0.8, 1.0), (0, 0, 0), np.eye(3).ravel())
    array = phantom(slices)
    begun = time.perf_counter()
    _, longest = fetch(client, client.set_volume(array, geometry, slices, intensity="window:40/400"), timer)
    setting = (time.perf_counter() - begun) * 1000
    plane = SlicePlane(slices // 2)
    first, _ = fetch(client, client.predict(plane, Prompt([[300, 230]], [1])), timer)
    rng = np.random.default_rng(1)
    answers, sent = [], client.bytes_sent
    for _ in range(clicks):
        answer, held = fetch(client, client.predict(plane, Prompt([rng.uniform(150, 350, 2)], [1])), timer)
        answers.append(answer.ms)
        longest = max(longest, held)
    row = {stage: float(np.percentile([ms[stage] for ms in answers], 95)) for stage in STAGES}
    row["own"] = float(np.percentile([ms["total"] - ms["decode"] for ms in answers], 95))
    return {
        "slices": slices,
        "set_volume": setting,
        "first_click": first.ms["total"],
        **row,
        "longest_poll": longest,
        "bytes_per_click": (client.bytes_sent - sent) / clicks,
    }


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="lite_medsam")
    parser.add_argument("--clicks", type=int, default=40)
    parser.add_argument("--slices", type=int, nargs="+", default=[64, 600])
    parser.add_argument("--timer", type=float, default=0.01, help="seconds between polls")
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args()
    client = Client(Local(sys.executable))
    try:
        ready = client.load(args.model, prefetch=0).result(PATIENCE)
        print(f"{ready.model} on {ready.device}: load {ready.ms['load']:.0f} ms, warm-up {ready.ms['warm_up']:.0f} ms")
        rows = [measure(client, slices, args.clicks, args.timer) for slices in args.slices]
    finally:
        client.close()
    print(f"milliseconds, 95th percentile of {args.clicks} clicks, polled every {args.timer * 1000:g} ms")
    for name in rows[0]:
        print(f"{name:>16}" + "".join(f"{row[name]:>10.1f}" for row in rows))
    if args.json is not None:
        write_json(args.json, rows)


if __name__ == "__main__":
    main()
