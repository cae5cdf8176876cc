"""The suite of a person's own corrections: what was once misread on this computer, read again.

Its cases are what `companion corrections export` wrote, and are read only where no word of them
leaves this computer. Each was corrected once, so the share that is right says what a change mends,
and nothing of how often messages are misread.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from companion.commands.corrections import cases_file
from companion.core import Companion
from companion.domain import POLICY, CrisisLevel, PastTurn, Situation
from companion.errors import CompanionError
from companion.settings import load_settings
from companion.steps.classify import classify
from evals.metrics import Measures, Pairs, accuracy, confusion, share
from evals.results import Case, Confusion, Figure, Row, Suite
from evals.rows import read_rows

SITUATIONS = tuple(situation.value for situation in Situation)


class CasesError(CompanionError):
    """There are no cases that can be read, or reading them would send them somewhere."""


def mine(companion: Companion) -> Suite:
    """Give the suite around a companion's reader. Raises CasesError."""
    use = companion.workflow.use
    if use.voice.host:
        raise CasesError(
            f"Your corrections stay on this computer, and {use.voice.name} would send them to "
            f"{use.voice.host}; use a voice that runs here."
        )

    def answer(row: Row) -> dict[str, Any]:
        history = past(row["history"])
        read = use.reader.read(row["message"], history)
        reading = classify(read, message=row["message"], history=history)
        # Danger comes before any mode, as in `companion read`.
        calm = read.crisis is CrisisLevel.NONE
        return {
            "situation": reading.situation.value,
            "mode": reading.mode.value if calm else None,
            "crisis": read.crisis.value,
            "probabilities": {name.value: p for name, p in reading.probabilities.items()},
        }

    return Suite(
        "mine",
        "Is what you corrected now read as you said it was?",
        rows_of(load_settings().data),
        answer,
        score,
        measures,
        figures,
    )


def rows_of(data: Path) -> Sequence[Row]:
    """Give the exported cases, from the data folder. Raises CasesError when there are none."""
    path = cases_file(data)
    try:
        rows = read_rows(path) if path.exists() else ()
        for row in rows:
            Situation(row["situation"])
            texts = [row["message"], *(turn.reply for turn in past(row["history"]))]
            if not all(isinstance(text, str) for text in texts):
                raise TypeError
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CasesError(
            f"{path} cannot be read as cases; `companion corrections export` writes it anew."
        ) from error
    if not rows:
        raise CasesError(
            f"There are no cases of yours in {path.parent}; `companion corrections export` writes "
            "them from what you corrected in the app."
        )
    return rows


def past(items: Sequence[Row]) -> tuple[PastTurn, ...]:
    """Pair what was written with what was answered. Raises KeyError and ValueError for else."""
    turns: list[PastTurn] = []
    for item in items:
        if item["role"] == "user":
            turns.append(PastTurn(item["text"], ""))
        elif turns:
            held = item.get("situation")
            turns[-1] = PastTurn(turns[-1].message, item["text"], Situation(held) if held else None)
    return tuple(turns)


def score(row: Row, found: dict[str, Any]) -> Case:
    """Right when the situation is what the person said."""
    expected, got = row["situation"], found["situation"]
    before = "".join(f"{item['role']}: {item['text']}\n" for item in row["history"])
    return Case(
        row["id"],
        expected == got,
        f"{before}{row['message']}",
        expected,
        got,
        {
            "expected": expected,
            "got": got,
            "mode_expected": POLICY[Situation(expected)].mode.value,
            "mode_got": found["mode"],
        },
        {"read_as": row.get("read_as"), "noted_on": row.get("noted_on"), **found},
    )


def measures(cases: Sequence[Case]) -> Measures:
    facts = [case.facts for case in cases]
    return {
        "accuracy": accuracy(_pairs(cases)),
        "mode_accuracy": share(f["mode_expected"] == f["mode_got"] for f in facts),
    }


def figures(cases: Sequence[Case]) -> Sequence[Figure]:
    counts = confusion(_pairs(cases), SITUATIONS)
    return (Confusion("As you corrected it, and as it is read now", SITUATIONS, counts),)


def _pairs(cases: Sequence[Case]) -> Pairs:
    return [(case.facts["expected"], case.facts["got"]) for case in cases]
