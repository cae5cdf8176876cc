"""The gate: does a suite's result hold its floors? Anything doubtful fails."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evals.metrics import Measure
from evals.results import SuiteResult

FLOORS = Path(__file__).parent / "floors.toml"
Floors = Mapping[str, Mapping[str, float]]


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
    """Hold a suite to its floors; a crash, a missing case, NaN or a value below a floor fails.

    A measure that has no floor is shown with the rest.
    """
    checks = whole(result)
    wanted = floors.get(result.name, {})
    if not wanted:
        checks.append(_plain(result, "floors", False, "none are set for this suite"))
    for name, measure in result.measures.items():
        floor = wanted.get(name)
        # NaN is neither below nor above: only "at least the floor" may pass.
        passed = None if floor is None else measure.value >= floor
        checks.append(Check(result.name, name, measure, floor, passed))
    for name in wanted.keys() - result.measures.keys():
        said = "there is no such measure"
        checks.append(Check(result.name, name, None, wanted[name], False, said))
    return checks


def shown(result: SuiteResult) -> list[Check]:
    """Give the checks of a run whose floors are not held: of a part, or of another voice."""
    return whole(result) + [
        Check(result.name, name, measure, None, None) for name, measure in result.measures.items()
    ]


def whole(result: SuiteResult) -> list[Check]:
    """Say whether the run ended well and judged every case."""
    return [
        _plain(result, "status", result.status == "success", f"{result.status} {result.error}"),
        _plain(
            result,
            "cases",
            len(result.cases) == result.expected > 0,
            f"{len(result.cases)} of {result.expected}",
        ),
    ]


def _plain(result: SuiteResult, name: str, passed: bool, said: str) -> Check:
    return Check(result.name, name, None, None, passed, said.strip())
