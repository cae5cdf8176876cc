"""The gate: does a suite's result hold its floors? Anything doubtful fails."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evals.metrics import Measure, Outcome, measures

FLOORS = Path(__file__).parent / "floors.toml"
Floors = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Misjudged:
    """A case that came out wrong, as a reader wants to see it."""

    id: str
    reply: str
    outcome: Outcome


@dataclass(frozen=True)
class SuiteResult:
    """What a run of a suite left behind. `expected` counts the cases it should have judged."""

    name: str
    status: str
    expected: int
    outcomes: tuple[Outcome, ...]
    misjudged: tuple[Misjudged, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Check:
    """One line of the scorecard; `passed` is None for a measure that is shown and not held."""

    suite: str
    name: str
    measure: Measure | None
    floor: float | None
    passed: bool | None
    said: str = ""


def load_floors(path: Path = FLOORS) -> Floors:
    with path.open("rb") as file:
        floors: Floors = tomllib.load(file)
    return floors


def held(result: SuiteResult, floors: Floors) -> list[Check]:
    """Hold a suite to its floors; a crash, a missing case, NaN or a value below a floor fails."""
    checks = [
        _plain(result, "status", result.status == "success", f"{result.status} {result.error}"),
        _plain(
            result,
            "cases",
            len(result.outcomes) == result.expected > 0,
            f"{len(result.outcomes)} of {result.expected}",
        ),
    ]
    wanted = floors.get(result.name, {})
    if not wanted:
        checks.append(_plain(result, "floors", False, "none are set for this suite"))
    found = measures(result.outcomes)
    for name, floor in wanted.items():
        measure = found.get(name)
        # NaN is neither below nor above: only "at least the floor" may pass.
        passed = measure is not None and measure.value >= floor
        said = "" if measure else "there is no such measure"
        checks.append(Check(result.name, name, measure, floor, passed, said))
    return checks


def shown(result: SuiteResult) -> list[Check]:
    """Give the checks of a run that looked at a part: complete or not, no floor held."""
    whole = held(result, {result.name: {"recall": 0.0}})[:2]
    return whole + [
        Check(result.name, name, measure, None, None)
        for name, measure in measures(result.outcomes).items()
    ]


def _plain(result: SuiteResult, name: str, passed: bool, said: str) -> Check:
    return Check(result.name, name, None, None, passed, said.strip())
