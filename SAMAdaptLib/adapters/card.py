"""The model card that goes with an exported adapter: what its next user must know, for people."""

from __future__ import annotations

import re

from SAMAdaptLib.adapters.comparison import (
    ADAPTED,
    IN_TURN,
    KINDS,
    NOT_COMPARED,
    PATIENTS,
    PLAIN_RULE,
    RULE,
    knows_plain,
    steps_in_turn,
    table,
)
from SAMAdaptLib.adapters.info import AdapterInfo
from SAMAdaptLib.defaults import BASE
from SAMAdaptLib.errors import counted, listed
from SAMAdaptLib.methods import METHODS
from SAMAdaptLib.sam.registry import MODELS

CARD = "MODEL_CARD.md"


def model_card(info: AdapterInfo, name: str) -> str:
    """An adapter's description in Markdown.

    Args:
        info: the adapter's.
        name: what its owner calls it.
    """
    base = MODELS.get(info.base)
    licence = f"are under {base.licence}" if base else "come from outside SAMAdapt: ask whoever gave them for a licence"
    own = f"are: {_cell(info.licence)}" if info.licence else "are up to whoever shares it"
    return f"""{heading(name)}

An adapter for SAMAdapt: a small file that makes a Segment Anything model segment the classes below in slices of the
kind that it was trained on.

**Research use only. Not a medical device.** Check every result before you rely on it.

## Intended use

{_cell(_use(info))}

## Limits

{_limits(info)}

## Facts

{_facts(info)}

## Training data

{_data(info)}

## Validation

{_validation(info)}

## Base and adapted weights

{_comparison(info)}

## Licence

The base model's weights are not in this file. They {licence}, and those terms hold for their use with this adapter.
The terms for the adapter itself {own}.

## To import

In 3D Slicer, import this file in the adapters section of the module SAMAdapt. On the command line:

```
samadapt adapters import --shelf SHELF FILE
```

## Files

`adapter.safetensors` holds the weights, `adapter.json` this description for the machine. Neither holds images or names
of files. `adapter.signature.json`, where there is one, is the Ed25519 signature of all three.
"""


def heading(name: str) -> str:
    """The first line of an adapter's card."""
    return f"# {_cell(name)}"


def _facts(info: AdapterInfo) -> str:
    method = METHODS[info.method].title if info.method in METHODS else info.method
    base = MODELS.get(info.base)
    rows = {
        "Classes": ", ".join(info.classes),
        "Method": method,
        "Method settings": ", ".join(f"{key} = {value}" for key, value in info.config.items()) or "defaults",
        "Base model": f"{base.title} ({info.base})" if base else info.base,
        "Base weights (SHA-256 of the tensors)": f"`{info.base_hash}`",
        "Adapter weights (SHA-256 of the file)": f"`{info.weights_sha256}`",
        "Input size": f"{info.input_size} x {info.input_size} pixels",
        "Intensity mapping": f"`{info.intensity}`",
        "Slice axis": info.axis,
        "Slices": f"in tiles of {info.tile} pixels" if info.tile else "whole",
        "Training steps": str(info.steps),
        **_prompts(info),
        "Written": f"{info.created or 'unknown'}, by SAMAdapt {info.software}",
    }
    return _table(rows)


def _use(info: AdapterInfo) -> str:
    if not info.classes:
        return "A start for trainings, by people who know what they train. By itself it is of no use."
    images = f" of {' and of images '.join(info.data['images'])}" if info.data else ""
    how = "upon prompts" if info.prompted else "without prompts"
    return (
        f"Segmenting {listed(info.classes)} in {info.axis} slices{images} that look like those of its training, {how}, "
        "in research, by people who look at every result and mend it. Neither diagnosis nor treatment."
    )


def _limits(info: AdapterInfo) -> str:
    data = info.data
    seen = (
        f"It has seen {counted(data['slices'], 'labelled slice')} of {counted(data['patients'], 'patient')}."
        if data
        else "How many slices and patients it has seen was not written down."
    )
    measured = {
        PATIENTS: "What it does on other patients was measured on those that were held out here, and nowhere else.",
        IN_TURN: "What it does on other patients was measured on shorter trainings, and not on this one.",
    }
    # Figures of validation are of such patients, too, also where an adapter answers no prompts and nothing is compared.
    held_out = PATIENTS if info.validation else info.comparison.get("held_out")
    lines = [
        f"{seen} Other scanners, protocols, ages, postures and diseases than theirs may be beyond it.",
        measured.get(str(held_out), "What it does on patients that it has not seen was not measured."),
        "It knows the classes above and no other structure; whether it does equally well on all groups of patients was "
        "not examined.",
        "It goes with the base weights, the input size and the intensity mapping below, and with no others.",
    ]
    return "\n".join(f"- {line}" for line in lines)


def _data(info: AdapterInfo) -> str:
    data = info.data
    if not data:
        return "Not written down."
    low, high = data["pixel_mm"]
    synthetic = "were used too" if data["synthetic"] else "were not used"
    rows = {
        "Images": " and ".join(data["images"]),
        "Labelled slices": f"{data['slices']}, of {counted(data['patients'], 'patient')}",
        "Slices that show a class": ", ".join(f"{name} {count}" for name, count in data["classes"].items()),
        "Slices without outlines": str(data["unlabelled"]),
        "Held-out slices": str(data["held_out"]),
        "Pixel size": f"{low:.3g} mm" if low == high else f"{low:.3g} to {high:.3g} mm",
    }
    return (
        f"{_table(rows)}\n\nPatients are scans where nobody said which scans are of one patient. Synthetic "
        f"slices made of these {synthetic}."
    )


def _prompts(info: AdapterInfo) -> dict[str, str]:
    if not info.prompted:
        return {"Prompts": "none: it labels whole slices by itself, and answers no point, box or mask"}
    return {
        "Training prompts": f"`{info.prompts}`" if info.prompts else "not written down",
        "Mask prompts between slices": "they help" if info.mask_prompts else "not used",
    }


def _validation(info: AdapterInfo) -> str:
    numbers = {key: value for key, value in info.validation.items() if isinstance(value, (int, float))}
    shown = {key: value for key, value in numbers.items() if key != "step" and 0 <= value <= 1}
    if not info.prompted:
        shown = {key: value for key, value in shown.items() if key == "dice"}
    if not shown:
        return "None: no patient was held out. How well it works on new patients is unknown."
    named = {key: "Dice, mean over prompts" if key == "dice" else f"Dice, {_cell(key)} prompt" for key in shown}
    if not info.prompted:
        named = {"dice": "Dice without prompts"}
    lines = "\n".join(f"| {named[key]} | {value:.3f} |" for key, value in shown.items())
    return f"On exemplars of patients that the training did not see:\n\n| figure | value |\n|---|---|\n{lines}"


def _comparison(info: AdapterInfo) -> str:
    if not info.prompted:
        return "Not compared: the base model labels nothing by itself."
    if not info.comparison:
        return f"{NOT_COMPARED}."
    where = "exemplars of patients that the training did not see"
    if info.comparison["held_out"] == IN_TURN:
        where = (
            "exemplars of patients each of whom a shorter training did without (leave-one-patient-out): the adapted "
            f"weights are those of trainings of {steps_in_turn(info.comparison)} steps. This adapter learnt from all "
            f"these patients in {info.steps} steps, and what it does on others was not measured"
        )
    elif info.comparison["held_out"] != PATIENTS:
        where = (
            "slices that the training did not see, of patients of whom it saw others: on new patients the adapted "
            "weights may do worse than here"
        )
    lines = "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in table(info.comparison))
    header = f"| class | objects | {' | '.join(f'{kind}, base | {kind}, adapted' for kind in KINDS)} |"
    rows = "\n".join(
        f"| {_cell(name)} | {_cell(str(one['objects']))} | "
        + " | ".join(f"{one[kind][way]:.3f}" for kind in KINDS for way in (BASE, ADAPTED))
        + " |"
        for name, one in info.comparison["classes"].items()
    )
    plain = knows_plain(info.comparison)
    rule = f"{RULE} {PLAIN_RULE}" if plain else RULE
    if plain and info.comparison["held_out"] not in (PATIENTS, IN_TURN):
        rule += " That is a weak choice on patients that it knows: what a grown box is for are others."
    return f"""Dice on {_cell(str(info.comparison["objects"]))} objects, on {where}. {rule} With
`--weights adapted` or `base` the ones or the others answer everything.

| prompt | base | halfway | adapted | answers |
|---|---|---|---|---|
{lines}

{header}
|---|---|{"---|---|" * len(KINDS)}
{rows}"""


def _table(rows: dict[str, str]) -> str:
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {_cell(value)} |" for name, value in rows.items())])


def _cell(text: str) -> str:
    """On one line of a table, as plain text; names of classes come from users, and HTML in Markdown is HTML."""
    plain = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([|\[\]])", r"\\\1", plain)
