"""`companion eval`: run the suites, print the scorecard, hold the floors."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from importlib.util import find_spec
from pathlib import Path

from evals.gate import Check, SuiteResult, held, load_floors, shown
from evals.scorecard import category_table, checks_table, misjudged_table, verdict

NEEDS_EXTRA = (
    "The evaluations need the extra `evals` (inspect-ai): run `make evals` in a checkout, "
    'or `pip install "companion-reflective[evals]"`.'
)


def run(argv: list[str]) -> int:
    """Give the exit code: 0 when everything holds, 1 when something does not, 2 for bad use."""
    options = _options(argv)
    if find_spec("inspect_ai") is None:
        print(NEEDS_EXTRA, file=sys.stderr)
        return 2
    # Imported late: without the extra there is nothing to import.
    from evals.inspecting import SUITES, evaluate

    wanted = options.suite or list(SUITES)
    if unknown := sorted(set(wanted) - set(SUITES)):
        print(f"No suite {unknown[0]!r}; there are: {', '.join(SUITES)}.", file=sys.stderr)
        return 2
    results = []
    for name in wanted:
        print(f"{name} …", end=" ", flush=True)
        began = time.perf_counter()
        result = evaluate(SUITES[name](), limit=options.limit, logs=options.out)
        print(f"{len(result.outcomes)} cases in {time.perf_counter() - began:.1f} s", flush=True)
        results.append(result)
    return _report(results, options)


def _report(results: list[SuiteResult], options: Namespace) -> int:
    floors = load_floors()
    checks: list[Check] = []
    for result in results:
        checks += held(result, floors) if options.limit is None else shown(result)
    ending = verdict(checks)
    if options.limit is not None:
        ending += " (a part only: no floor was held)"
    categories = "\n\n".join(category_table(result) for result in results)
    print(f"\n{checks_table(checks)}\n\n{categories}\n\n{ending}")
    if options.out:
        wrong = "\n\n".join(
            f"## {result.name}: judged otherwise\n\n{misjudged_table(result)}" for result in results
        )
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "scorecard.md").write_text(
            f"# Scorecard\n\n{checks_table(checks)}\n\n{ending}\n\n{categories}\n\n{wrong}\n",
            encoding="utf-8",
        )
    return int(any(check.passed is False for check in checks))


def _options(argv: list[str]) -> Namespace:
    parser = ArgumentParser(prog="companion eval", description=__doc__)
    parser.add_argument(
        "--suite", action="append", metavar="NAME", help="run this suite only; may be repeated"
    )
    parser.add_argument(
        "--limit", type=_count, metavar="N", help="look at the first N cases; floors are not held"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="write scorecard.md, with every misjudged case, and Inspect's log there",
    )
    return parser.parse_args(argv)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
