"""Lift the floors to just below what a run measured: `python -m evals.lift RUN`.

A floor is only ever lifted. What measures below its floor is left alone here, and fails the gate.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from math import floor, isnan
from pathlib import Path

from evals.comparing import read_run
from evals.gate import FLOORS, Floors, load_floors
from evals.metrics import Measure, Measures
from evals.suites import SUITES

BELOW = 0.02
"""How far a floor stands at least below its measure."""
OF_INTERVAL = 3.5
"""A measure that is not full stands lower by this part of its interval's width: the same weights
may read a borderline sentence otherwise on another processor, and one of few cases weighs much.
What is full, where one case is a rule broken, gets no such room."""
LEAST = 0.2
"""A floor lower than this would hold nothing."""
HEAD = """\
# What every suite must reach. Floors only rise: `python -m evals.lift RUN` lifts them to just below
# what a full run measured. A change that would need a lower floor makes the product worse, and does
# not land.
"""


def lifted(floors: Floors, measured: Mapping[str, Measures]) -> dict[str, dict[str, float]]:
    """Give the floors, lifted where a share allows it."""
    found = {suite: dict(held) for suite, held in floors.items()}
    for suite, measures in measured.items():
        for name, measure in measures.items():
            if measure.unit != "share" or isnan(measure.value):
                continue
            # Rounded first: 0.98 - 0.02 is a hair less than 0.96.
            wanted = floor(round((measure.value - below(measure)) * 100, 6)) / 100
            if wanted > max(LEAST, found.get(suite, {}).get(name, 0.0)):
                found.setdefault(suite, {})[name] = wanted
    return found


def below(measure: Measure) -> float:
    """Give how far under a measure its floor may stand."""
    if measure.value == 1 or measure.low is None or measure.high is None:
        return BELOW
    return max(BELOW, (measure.high - measure.low) / OF_INTERVAL)


def as_toml(floors: Floors) -> str:
    """Give the file, suites in the order in which they run."""
    parts = [HEAD]
    for suite in SUITES:
        if held := floors.get(suite):
            lines = "\n".join(f"{name} = {value:.2f}" for name, value in held.items())
            parts.append(f"[{suite}]\n{lines}\n")
    return "\n".join(parts)


def main(argv: list[str]) -> int:
    run = read_run(Path(argv[0]))
    measured = {name: result.measures for name, result in run.items() if name in SUITES}
    FLOORS.write_text(as_toml(lifted(load_floors(), measured)), encoding="utf-8")
    print(f"Written: {FLOORS}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
