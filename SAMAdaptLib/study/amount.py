"""How many labelled slices a cell learns from, as the papers say it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from SAMAdaptLib.errors import InputError

ALL = "all"
FORM = "a number of slices, a share of them as 1%, a number a scan as 2 per scan or 1 per 2 scans, or all"
_PER_SCAN = re.compile(r"(\d+) per (?:(\d+) )?scans?")
_SHARE = re.compile(r"(\d+(?:\.\d*)?) ?%")


@dataclass(frozen=True)
class Amount:
    """How many labelled slices.

    Attributes:
        count: in all, where that is said.
        share: 0..1 of the labelled slices, where that is said.
        each: of a scan, where that is said; with neither of the three, all.
        among: of so many scans one gives them.
    """

    count: int | None = None
    share: float | None = None
    each: int | None = None
    among: int = 1

    def of(self, slices: int) -> int:
        """How many are to be taken of so many labelled slices.

        Raises:
            InputError: more than there are.
        """
        if self.count is None:
            return slices if self.share is None else max(1, round(self.share * slices))
        if self.count > slices:
            raise InputError(
                f"{self.count} labelled slices are wanted, and the training scans have {slices}",
                None,
                f"Take fewer, or slices = {ALL!r}",
            )
        return self.count


def parse_amount(value: int | str) -> Amount:
    """Read an amount: 12, "1%", "2 per scan", "1 per 2 scans" (one slice of every second scan), or "all".

    Raises:
        InputError: another form, none at all, or more than all.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return Amount(value)
    text = str(value).strip()
    if text == ALL:
        return Amount()
    if text.isdecimal() and int(text):
        return Amount(int(text))
    if (share := _SHARE.fullmatch(text)) and 0 < float(share[1]) <= 100:
        return Amount(share=float(share[1]) / 100)
    if (per := _PER_SCAN.fullmatch(text)) and int(per[1]) and int(per[2] or 1):
        return Amount(each=int(per[1]), among=int(per[2] or 1))
    raise InputError(f"slices is {value!r}", None, f"Give {FORM}")
