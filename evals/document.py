"""Run everything on the embedded voice and write docs/evals.md: `python -m evals.document`.

With a folder that an earlier `companion eval --out` wrote, that run is written instead.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from evals.comparing import read_run
from evals.gate import held, load_floors
from evals.readings import agreement, looked_over
from evals.results import SuiteResult
from evals.run import run
from evals.said import table
from evals.scorecard import checks_table, figure, verdict
from evals.stance import told_apart

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "evals.md"
TEMPLATE = Path(__file__).parent / "evals.md.template"


def document(results: Sequence[SuiteResult], about: Mapping[str, str]) -> str:
    """Give the page."""
    floors = load_floors()
    checks = {result.name: held(result, floors) for result in results}
    tried, told, right = told_apart()
    return Template(TEMPLATE.read_text("utf-8")).substitute(
        about=table(("", ""), list(about.items())),
        verdict=f"{verdict([one for some in checks.values() for one in some])}.",
        summary=table(
            ("suite", "asks", "cases", "right"),
            [
                (one.name, one.asks, str(len(one.cases)), str(sum(c.right for c in one.cases)))
                for one in results
            ],
        ),
        suites="\n\n".join(
            "\n\n".join(
                [
                    f"### {one.name}",
                    f"{one.asks} [What it measures, and what not](../evals/{one.name}/README.md).",
                    checks_table([check for check in checks[one.name] if check.measure]),
                    *map(figure, one.figures),
                ]
            )
            for one in results
        ),
        agreement=agreement(),
        looked_over=looked_over(),
        stance=f"{right} of {tried} are told rightly and {told - right} wrongly",
    )


def main(argv: list[str]) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(argv[0]) if argv else Path(name)
        if not argv and (failed := run(["--out", name])):
            return failed
        results = list(read_run(folder).values())
        about = json.loads((folder / "run.json").read_text("utf-8"))["about"]
    DOCUMENT.write_text(document(results, about), encoding="utf-8")
    print(f"Written: {DOCUMENT}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
