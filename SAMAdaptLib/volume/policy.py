"""What is taken where a user names nothing: decided here for the command line, the API, the worker and the console."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from numbers import Integral

from SAMAdaptLib.defaults import AXIS, CT_WINDOW, LARGE, LEAST_TILE, PERCENTILES
from SAMAdaptLib.errors import InputError, counted, note
from SAMAdaptLib.volume.evidence import has_ct_numbers, lacks_ct_offset, sample
from SAMAdaptLib.volume.intensity import Intensity
from SAMAdaptLib.volume.planes import AXES
from SAMAdaptLib.volume.volume import Volume

# A soft-tissue window; lungs and bones take one of their own, which only the user knows.
CT = Intensity.parse(CT_WINDOW)
OTHER = Intensity.parse(PERCENTILES)
# The values of a picture are what is seen.
COLOUR = Intensity("window", level=127.5, width=255.0)
# Of a further sequence. A model that saw grey pictures loses little by so much, and a training can gain by it; see
# Resources/results/evidence.md.
TINT = 0.2
# Between the mapping of CT and that of all else, in the description of an adapter that was trained with both.
BETWEEN = " | "


def is_ct(volume: Volume) -> bool:
    """Whether a volume, or its first channel, is in Hounsfield units, by its modality and its values."""
    first = volume.channel(0)
    return has_ct_numbers(sample(first.array), first.modality)


def suggest_intensity(volume: Volume) -> Intensity:
    """A mapping for a volume about which nothing else is known: :data:`CT`, :data:`OTHER` or :data:`COLOUR`, and of
    several channels one for each."""
    if volume.colour:
        return Intensity.joined([COLOUR] * volume.channels)
    if volume.channels > 1:
        return seen_together([suggest_intensity(volume.channel(place)) for place in range(volume.channels)])
    if is_ct(volume):
        return CT
    if lacks_ct_offset(sample(volume.array), volume.modality):
        note(
            f"The values look like CT numbers without their offset (air at 0); they are shown by {OTHER}",
            volume.name or None,
            "If it is a CT, store it in Hounsfield units, or give --intensity window:1064/400 for soft tissue",
        )
    return OTHER


def seen_together(mappings: Sequence[Intensity]) -> Intensity:
    """Of several sequences: the first one, tinted by the others."""
    return Intensity.joined([mappings[0], *(replace(one, share=TINT) for one in mappings[1:])])


def _plain(mapping: Intensity) -> list[Intensity]:
    return [replace(one, share=1) for one in mapping.channels]


def choose_intensity(volume: Volume, given: Intensity | str | None = None, trained: str = "") -> Intensity:
    """The mapping of an adapter, else the user's, else the one that suits the volume.

    Args:
        volume: the scan.
        given: by the user; one for each channel, or one for all of them.
        trained: the adapter's, see :func:`join_mappings`; empty without an adapter.

    Raises:
        InputError: the user's is none that the adapter was trained with: it would see pictures of another kind; the
            adapter was trained with another number of channels than the volume has.
    """
    if isinstance(given, str):
        given = Intensity.parse(given)
    known = split_mappings(trained)
    if given is not None and not given.others:
        of_all = (Intensity.joined if volume.colour else seen_together)([given] * volume.channels)
        # Of an adapter from before there were tints, too.
        given = next((one for one in known if {str(given)} == {str(each) for each in _plain(one)}), of_all)
    if known:
        _check_channels(volume, len(known[0].channels))
    if given is not None:
        if known and str(given) not in map(str, known):
            raise InputError(
                f"The adapter was trained with intensity {' or '.join(map(str, known))}, not {given}",
                volume.name or None,
                "Leave the intensity to the adapter, or use it without one",
            )
        return given
    if not known:
        return suggest_intensity(volume)
    if len(known) > 1:
        return known[0] if is_ct(volume) else known[1]
    if known[0] == CT and not is_ct(volume):
        note(
            f"The adapter was trained with CT ({CT}), and these values are not those of a CT in Hounsfield units",
            volume.name or None,
            "Check what it finds, or take an adapter for such scans",
        )
    return known[0]


def _check_channels(volume: Volume, wanted: int) -> None:
    if volume.channels == wanted:
        return
    volumes = counted(wanted, "volume")
    if volume.colour:
        remedy = "Save it in grey" if wanted == 1 else "Give volumes in grey"
        raise InputError(f"The adapter was trained on {volumes} in grey, and this is in colour", volume.name, remedy)
    raise InputError(
        f"The adapter was trained on {volumes} together, and this is {counted(volume.channels, 'volume')}",
        volume.name or None,
        f"Give the {volumes} of the scan, in the order of the training" if wanted > 1 else "Give the first one alone",
    )


def join_mappings(first: str, other: str | None = None) -> str:
    """Mappings of a training as the adapter's description holds them: one, or that of CT first and that of all else."""
    return first if other in (None, first) else first + BETWEEN + other


def split_mappings(text: str) -> tuple[Intensity, ...]:
    """The inverse: none, one, or that of CT and that of all else.

    Raises:
        InputError: not a mapping.
    """
    return tuple(Intensity.parse(part) for part in text.split(BETWEEN)) if text else ()


def choose_axis(given: str | None = None, trained: str = "") -> str:
    """The user's slice axis, else the adapter's, else axial; with a note where the user's is not the adapter's.

    Unlike grey levels of another mapping, slices along another axis may do: an organ can look much the same on them.
    """
    if trained and given in AXES and given != trained:
        note(f"The adapter was trained on {trained} slices and may find less on {given} ones")
    return given or trained or AXIS


def check_tile(tile: int | None) -> None:
    """Raises InputError for a side of tiles that is no whole number or too small; 0 and None are fine."""
    if tile is not None and not isinstance(tile, Integral):
        raise InputError("The side of a tile is a whole number of pixels", repr(tile), "Give it without quotes")
    if tile is not None and tile != 0 and tile < LEAST_TILE:
        raise InputError("The tile is too small", f"{tile}", f"Choose {LEAST_TILE} pixels or more, or 0 for none")


def tile_beside_memory(tile: int | None, memory: bool) -> int | None:
    """The user's tile, 0 where objects are carried on by the model's memory of other slices, which is of whole ones.

    Raises:
        InputError: both are wanted.
    """
    if memory and tile:
        raise InputError("A memory is of whole slices", f"tile {tile}", "Leave out the tile, or the memory")
    return 0 if memory else tile


def choose_tile(
    given: int | None, shape: tuple[int, int], input_size: int, adapted: bool = False, trained: int = 0
) -> int:
    """The side of the parts in which slices are seen, in their pixels; 0: whole.

    Args:
        given: as a user said; 0: whole. None: with an adapter as it was trained; with a base model alone half as large
            as the model's input for slices more than :data:`LARGE` times as large.
        shape: (H, W) of a slice in pixels.
        input_size: of the model, in pixels.
        adapted: whether an adapter is on it, which knows the size at which its training saw things.
        trained: the side of the tiles of that training, 0: whole slices.

    A note tells where the user's is not the adapter's.

    Raises:
        InputError: see :func:`check_tile`.
    """
    check_tile(given)
    if adapted:
        own = trained
    else:
        own = input_size // 2 if max(shape) > LARGE * input_size else 0
    own, wanted = (side if side < max(shape) else 0 for side in (own, own if given is None else given))
    if adapted and wanted != own:
        taught, asked = (f"tiles of {side} pixels" if side else "whole slices" for side in (own, wanted))
        note(f"The adapter was trained on {taught} and may find less on {asked}")
    return wanted
