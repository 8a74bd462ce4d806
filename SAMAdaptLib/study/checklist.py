"""What reporting guidelines ask of a study such as this, answered where a study can tell, left open where it cannot.

Items by their numbers in CLAIM (Mongan, Moy and Kahn 2020, Radiology: Artificial Intelligence 2(2):e200029) and
TRIPOD+AI (Collins et al. 2024, BMJ 385:e078378), in our words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

OPEN = "To be told by the authors"


@dataclass(frozen=True)
class Item:
    """What is asked.

    Attributes:
        claim: numbers in CLAIM.
        tripod: numbers in TRIPOD+AI, "" where it has none.
        asked: in a few words.
        fact: name of the fact that answers it, "" where only the authors can.
    """

    claim: str
    tripod: str
    asked: str
    fact: str = ""


ITEMS = (
    Item("5, 6", "4", "Aim; prospective or retrospective"),
    Item("7, 8", "5a, 5b, 6a, 6b", "Where the scans come from, when, which were eligible"),
    Item("9", "7", "How images were prepared", "preparation"),
    Item("10", "7", "Which slices were taken of the scans", "slices"),
    Item("11", "8a", "Structures", "structures"),
    Item("12", "17", "De-identification, ethics approval"),
    Item("13", "11", "Missing data", "missing"),
    Item("14-18", "8a, 8b", "Reference standard: who drew it, how qualified, with what, how much raters agree"),
    Item("19", "10", "Sample size and how it was found", "size"),
    Item("20, 21", "12a", "Partitions, and that no patient is in both", "partitions"),
    Item("22", "12c, 22", "The models", "models"),
    Item("23", "12c", "Software", "software"),
    Item("24, 25", "12c", "Initial weights, training", "training"),
    Item("26", "12c", "How the final model was chosen", "chosen"),
    Item("28", "12e", "Measures of performance", "metrics"),
    Item("29, 36", "12e, 23a", "Uncertainty and significance", "statistics"),
    Item("30", "12e", "Robustness", "robustness"),
    Item("32", "16", "Test on data of another source", "external"),
    Item("33, 34", "20a, 20b", "Flow and characteristics of the patients"),
    Item("35", "23a", "Performance", "performance"),
    Item("37", "", "Failures", "failures"),
    Item("38, 39", "25, 26", "Limitations; what it means for practice"),
    Item("40-42", "18a-18f", "Registration, protocol, data and code, funding"),
)


def answers(facts: Mapping[str, str]) -> list[list[str]]:
    """Lines of a table: numbers in CLAIM and TRIPOD+AI, what is asked, and the answer.

    Args:
        facts: by name.
    """
    return [[item.claim, item.tripod, item.asked, facts.get(item.fact) or f"{OPEN}."] for item in ITEMS]
