"""What a cell with the rule "suggested" tells of slices that nobody outlines."""

from __future__ import annotations

from types import SimpleNamespace as Made

from SAMAdaptLib.study import suggested

SLICES = {"A": (3, 4, 5, 6, 7, 8, 9), "B": (1, 2)}


def rest(monkeypatch, slice_labels: bool) -> dict[str, list[int]]:
    """Scans of which the rest is told, with the slices that are not of the rest; all suggestions are of A, by rank."""
    ranked, calls = iter([9, 3, 7, 4, 8, 5]), []

    def next_slices(scans, *, count, library, **others):
        assert (library is None) == (not calls)
        return Made(slices=[Made(place=0, index=next(ranked)) for _ in range(count)])

    monkeypatch.setattr("SAMAdaptLib.jobs.load.load_model", lambda *given, **options: None)
    monkeypatch.setattr("SAMAdaptLib.jobs.suggest.next_slices.next_slices", next_slices)
    own = Made(slices=6, checkpoint=None, slice_labels=slice_labels)
    config = Made(model="lite_medsam", input_size=None, device="cpu", precision="fp32")
    sources = [Made(scan=Made(name=name), share=Made(indices=shown)) for name, shown in SLICES.items()]
    task = Made(cell=Made(own=own, config=config), sources=sources, reading=Made(axis="axial", intensity=None))

    def add(source, indices, rest):
        calls.append((source.scan.name, indices, rest))

    suggested.add_suggested(Made(), task, add, lambda: False)
    assert [indices for _, indices, rest in calls if not rest] == [[9], [3], [7], [4], [8], [5]]
    return {name: sorted(indices) for name, indices, rest in calls if rest}


def test_only_what_is_not_outlined_is_told_and_of_all_scans(monkeypatch) -> None:
    """Slices that were suggested had been told once more without their outlines, and other scans not at all."""
    assert rest(monkeypatch, slice_labels=True) == {"A": [3, 4, 5, 7, 8, 9], "B": []}


def test_without_slice_labels_only_scans_that_gave_slices_give_backgrounds(monkeypatch) -> None:
    assert rest(monkeypatch, slice_labels=False) == {"A": [3, 4, 5, 7, 8, 9]}
