"""``samadapt segment``: options that would be ignored are refused in one line, before anything is read."""

from __future__ import annotations

import pytest

from SAMAdaptLib.cli.main import main

POINT = ("--segment", "a", "--point=1,2,3")
FILM = ("--all-frames", "--frame", "1", *POINT)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((*POINT, "--first", "0"), "--first goes with --propagate and --all-axes only"),
        ((*POINT, "--last", "3"), "--last goes with --propagate"),
        ((*POINT, "--min-iou", "0.9"), "--min-iou goes with --propagate"),
        ((*POINT, "--max-missing", "9"), "--max-missing goes with --propagate"),
        ((*POINT, "--continue", "seg.nrrd", "--last", "3"), "--last goes with --propagate"),
        ((*POINT, "--continue", "seg.nrrd", "--min-iou", "0.9"), "--min-iou goes with"),
        ((*POINT, "--no-cleanup"), "--no-cleanup goes with --auto and --text only"),
        ((*POINT, "--workers", "2"), "--workers goes with --images only"),
        ((*POINT, "--format", ".nii.gz"), "--format goes with --images only"),
        ((*POINT, "--weights", "adapted"), "--weights goes with an --adapter only"),
        ((*POINT, "--resample"), "--resample goes with several --image and --continue only"),
        ((*FILM, "--first", "0"), "--first goes with --propagate and --all-axes only"),
        ((*FILM, "--resample"), "--resample goes with"),
        (("--auto", "--min-iou", "0.9"), "--min-iou goes with"),
        (("--auto", "--plain-points"), "--plain-points goes with prompts only"),
        (("--auto", "--all-frames", "--max-missing", "9"), "--max-missing goes with"),
        (("--text", "a", "--plain-points"), "--plain-points goes with prompts only"),
        (("--text", "a", "--all-axes"), "--all-axes cannot be given with --text"),
    ],
)
def test_of_one_scan(tmp_path, capsys, given, told) -> None:
    # There is no image: nothing of it is needed to see that.
    words = ["segment", "--image", str(tmp_path / "none.nrrd"), *given]
    words += ["--output", str(tmp_path / ("out.seq.nrrd" if "--all-frames" in given else "out.seg.nrrd"))]
    assert main(words) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert told in line and not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--auto", "--propagate"), "--propagate cannot be given with --auto"),
        (("--auto", "--all-axes"), "--all-axes cannot be given with --auto"),
        (("--text", "a", "--propagate"), "--propagate cannot be given with --text"),
        (("--segment", "a", "--prompts", "P", "--min-iou", "0.9"), "--min-iou goes with --propagate"),
        (("--segment", "a", "--prompts", "P", "--no-cleanup"), "--no-cleanup goes with"),
        (("--auto", "--plain-points"), "--plain-points goes with prompts only"),
        (("--auto", "--resample"), "--resample cannot be given with --images"),
        (("--auto", "--frame", "1", "2"), "--images takes one --frame"),
    ],
)
def test_of_a_folder(tmp_path, capsys, given, told) -> None:
    assert main(["segment", "--images", str(tmp_path / "none"), *given, "--output", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert told in line and not [*tmp_path.iterdir()]
