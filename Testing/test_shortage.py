"""What is missing is known by the words of those who miss it."""

from __future__ import annotations

import errno
import subprocess
import sys

import numpy as np
import pytest
import torch

from SAMAdaptLib import shortage
from SAMAdaptLib.errors import InputError
from SAMAdaptLib.service.worker.application import failure
from SAMAdaptLib.shortage import lack, out_of_memory, require_memory, too_little_memory
from Testing.scarce import CPU, CUDA

# More than any machine has, and less than the largest number of bytes.
HUGE = 1 << 46


def itk():
    """ITK's own words."""
    import SimpleITK as sitk

    sitk.Image([1 << 20, 1 << 20, 1 << 6], sitk.sitkUInt8)


ALLOCATORS = {
    "numpy": lambda: np.empty(HUGE, np.uint8),
    "torch": lambda: torch.empty(HUGE, dtype=torch.uint8),
    "ITK": itk,
}


@pytest.mark.parametrize("name", ALLOCATORS)
def test_whoever_finds_no_memory_is_understood(name):
    with pytest.raises((MemoryError, RuntimeError)) as raised:
        ALLOCATORS[name]()
    assert out_of_memory(raised.value) and lack(raised.value) == "has too little memory for"
    told = str(too_little_memory(raised.value, "scan.nrrd"))
    # ITK does not say how much it wanted.
    assert ("70368.7 GB more were needed" in told) == (name != "ITK"), told
    assert "scan.nrrd" in told and "crop the scan" in told


def test_the_stand_ins_speak_as_torch_does():
    with pytest.raises(RuntimeError) as raised:
        torch.empty(HUGE, dtype=torch.uint8)
    assert str(raised.value).split("allocate ")[1].split()[0] == str(CPU).split("allocate ")[1].split()[0] == "memory:"
    assert "2.1 GB more" in str(too_little_memory(CPU)) and "2.1 GB more" in str(too_little_memory(CUDA))
    assert out_of_memory(OSError(errno.ENOMEM, "Cannot allocate memory")) and out_of_memory(MemoryError())


# In the words of torch's MPS backend.
MPS_WORDS = "The operator 'aten::grid_sampler_2d_backward' is not currently implemented for the MPS device."


def test_a_missing_operator_is_told_from_a_mistake_in_the_program():
    with pytest.raises(NotImplementedError) as raised:
        torch.linalg.svd(torch.ones(2, 2).to_sparse())
    for error in (raised.value, NotImplementedError(MPS_WORDS)):
        assert lack(error) == "lacks an operator of"
    for other in (NotImplementedError(), RuntimeError(MPS_WORDS), NotImplementedError("a step is left to the heir")):
        assert lack(other) is None and "Report it" in failure(1, other).remedy


def test_a_worker_tells_it_without_a_traceback():
    told = failure(1, CUDA)
    assert told.out_of_memory and told.trace == "" and "2.1 GB more" in told.what and "crop" in told.remedy


def test_memory_is_what_the_system_and_the_own_limit_leave(tmp_path, monkeypatch):
    memory = tmp_path / "meminfo"
    memory.write_text("MemTotal: 99 kB\nMemAvailable: 2000000 kB\nSwapFree: 1000000 kB\n")
    monkeypatch.setattr(shortage, "MEMORY", memory)
    require_memory(3_000_000 << 10, "The image", None)
    with pytest.raises(InputError, match=r"The image takes 3.1 GB of memory, and 3.1 GB are free: a.nrrd. .*crop"):
        require_memory((3_000_000 << 10) + 1, "The image", "a.nrrd")
    memory.unlink()
    # What no system tells is not refused.
    require_memory(1e18, "The image", None)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of a process")
def test_a_limit_of_the_process_counts():
    code = (
        "import resource; from SAMAdaptLib.shortage import free_bytes; "
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)); print(free_bytes(swap=True))"
    )
    found = float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    assert (1 << 30) - (1 << 28) < found < 1 << 30
