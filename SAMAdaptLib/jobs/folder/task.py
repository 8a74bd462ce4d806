"""What is asked of the scans of a folder, which those are, and what comes of one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from SAMAdaptLib.errors import InputError, note
from SAMAdaptLib.files import sha256_file
from SAMAdaptLib.jobs.policy import base_of, propagation_rules, require_finder, require_recall
from SAMAdaptLib.methods.config import MethodConfig
from SAMAdaptLib.paths import holds
from SAMAdaptLib.volume.colour import is_picture, is_stack
from SAMAdaptLib.volume.image import SEGMENTATION, base_name, stamps_of
from SAMAdaptLib.volume.label_picture import PNG
from SAMAdaptLib.volume.places import OTHER, Place, places, told
from SAMAdaptLib.volume.policy import check_tile
from SAMAdaptLib.volume.result import is_dicom_result
from SAMAdaptLib.volume.segfile import check_segmentation

# Of each scan what is known of its result, and the slice that the sheet shows.
CASES = ".cases"
MARKUPS = (".mrk.json", ".fcsv")
MANIFEST = "folder.json"

is_folder = holds(MANIFEST, "version", "task", "names")


@dataclass(frozen=True)
class ScanTask:
    """What is done with every scan.

    Attributes:
        model: keywords of :func:`SAMAdaptLib.jobs.load.load_model`.
        texts: object to the words that name it; None where none are given.
        prompts: object to the folder of its markups files, each named as a scan is; None where none are given. Without
            texts and prompts all that the adapter finds by itself is segmented.
        propagate: carry objects with prompts through the volume.
        all_axes: along the other two axes as well, see :func:`SAMAdaptLib.jobs.segment.propagate`.
        rules: of propagation.
        axis, intensity, clean, tile: see :func:`SAMAdaptLib.jobs.segment.segment`.
        extension: of the files of volumes, which is their format.
        pictures: of those of pictures, one PNG each by default.
        frame: which one is taken of images over time, counted from 1; without it they fail.

    >>> import SAMAdaptLib as sa
    >>> task = sa.ScanTask({"adapter": "RUN"}, prompts={"tumour": "POINTS"}, propagate=True)
    >>> sa.segment_folder("SCANS", "RESULTS", task, workers=2)["failed"]
    {}
    """

    model: Mapping[str, Any]
    texts: Mapping[str, str] | None = None
    prompts: Mapping[str, str] | None = None
    propagate: bool = False
    all_axes: bool = False
    rules: Mapping[str, Any] = field(default_factory=dict)
    axis: str | None = None
    intensity: str | None = None
    clean: bool = True
    extension: str = SEGMENTATION
    tile: int | None = None
    pictures: str | None = None
    frame: int | None = None

    def extension_for(self, image: str | os.PathLike[str]) -> str:
        """Of the result of an image; grey pages of one file are the slices of a volume."""
        if is_picture(image) and not is_stack(Path(image)):
            return PNG if self.pictures is None else self.pictures
        return self.extension

    def check(self, output: Path) -> None:
        """Refuse what no scan could be segmented with.

        Raises:
            InputError: a rule, a name or a format that cannot be; words and prompts together; no folder of prompts; an
                adapter that is not there; a model that answers no prompts or texts, or finds no objects by itself, if
                that is asked for.
        """
        if self.texts and self.prompts:
            raise InputError("Words and other prompts do not go together", None, "Segment the others in another call")
        check_tile(self.tile)
        if propagation_rules(self.rules).memory:
            require_recall(self.model.get("model"), self.model.get("adapter"))
        if self.frame is not None and self.frame < 1:
            raise InputError(f"There is no frame {self.frame}", "--frame", "Count from 1")
        for ending in {self.extension, self.pictures or PNG}:
            if not is_dicom_result(ending):
                check_segmentation(output / f"x{ending}", [*(self.texts or {}), *(self.prompts or {})])
        for name, folder in (self.prompts or {}).items():
            if not os.path.isdir(folder):
                remedy = "Give a folder with a markups file for each scan, named as the scan is"
                raise InputError(f"There is no folder of prompts for {name}", folder, remedy)
        self._check_model()

    def _check_model(self) -> None:
        _, info = base_of(self.model.get("model"), self.model.get("adapter"))
        method = MethodConfig() if info is None else info.of_method()
        if self.texts:
            from SAMAdaptLib.sam.text import unread

            if not method.reads:
                raise unread(next(iter(self.texts.values())))
        elif self.prompts:
            from SAMAdaptLib.sam.decode import require_prompts

            require_prompts(not method.prompted)
        else:
            require_finder(method.finds)

    def told(self) -> dict[str, Any]:
        """What all results depend on, as JSON; weights by what is in them, wherever they lie."""
        values = asdict(self) | {"model": dict(self.model), "prompts": sorted(self.prompts or {})}
        for name in ("tile", "pictures", "frame"):
            # As earlier versions told it.
            if values[name] is None:
                values.pop(name)
        for name in ("device", "precision"):
            # Not another result, as far as can be told.
            values["model"].pop(name, None)
        adapter, checkpoint = (values["model"].pop(name, None) for name in ("adapter", "checkpoint"))
        base, info = base_of(self.model.get("model"), adapter)
        values["model"] |= {"model": base, "adapter": info and info.weights_sha256}
        values["model"]["checkpoint"] = checkpoint and sha256_file(checkpoint)
        return values


class Case(NamedTuple):
    """A scan of the folder.

    Attributes:
        name: its place in the folder without the extension, "/" between folders; that of its result.
        image: the file, or the folder of DICOM.
        prompts: object to its markups file; empty without prompts.
    """

    name: str
    image: str
    prompts: dict[str, str]

    def stamps(self) -> list[list[int]] | None:
        """What changes with its files; see :func:`stamps_of`."""
        return stamps_of(map(Path, [self.image, *self.prompts.values()]))

    def file_of(self, task: ScanTask) -> str:
        """Where its result lies within the folder of results."""
        return f"{self.name}{task.extension_for(self.image)}"


class Result(NamedTuple):
    """What has come of a scan.

    Attributes:
        rows: of the table, each with the columns but for those of the files; empty where it failed.
        notes: that came with it.
        error: words of what was wrong; empty without.
        seconds: that it took.
    """

    rows: list[dict[str, Any]]
    notes: list[str]
    error: str = ""
    seconds: float = 0.0


def find_cases(images: Path, task: ScanTask) -> list[Case]:
    """The scans and pictures of a folder by their names; a note tells what else is there.

    A picture beside a volume or another picture of the same name is called by its ending as well: "ct.png" is "ct_png".

    Raises:
        InputError: no such folder, nothing in it, or two whose results would have one name.
    """
    every = places(images, is_folder)
    there = sorted(path for place in every for path in (*place.volumes, *place.pictures))
    plain = Counter(_name(image, images).casefold() for image in there)
    pictures = {path for place in every for path in place.pictures}
    found: dict[str, Case] = {}
    for image in there:
        name = _name(image, images)
        if image in pictures and plain[name.casefold()] > 1:
            name += "_" + image.suffix[1:]
        if name.casefold() in found:
            other = Path(found[name.casefold()].image).name
            raise InputError(f"Two scans would have results of one name ({other}, {image.name})", images, "Rename one")
        folders = (task.prompts or {}).items()
        markups = {one: file for one, folder in folders if (file := _markups(Path(folder), name)) is not None}
        found[name.casefold()] = Case(name, str(image), markups)
    _tell_of_others(every, found.values(), images)
    return [*found.values()]


def _name(image: Path, images: Path) -> str:
    """Its place in the folder without the extension."""
    return (image.relative_to(images).parent / base_name(image)).as_posix() if image != images else base_name(image)


def _tell_of_others(every: Sequence[Place], cases: Iterable[Case], images: Path) -> None:
    """Note what is neither a scan nor belongs to one."""
    used = {Path(file) for case in cases for file in case.prompts.values()}
    for place in every:
        place.left[OTHER][:] = [path for path in place.left[OTHER] if path not in used]
    words = told([place.left for place in every], images)
    if words:
        note(f"Left out are {words}", images)


def _markups(folder: Path, name: str) -> str | None:
    return next((str(file) for ending in MARKUPS if (file := folder / f"{name}{ending}").is_file()), None)
