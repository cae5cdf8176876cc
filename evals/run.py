"""`companion eval`: run the suites on a voice, print the scorecard, hold the floors."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from evals.gate import Check, held, load_floors, shown
from evals.options import EMBEDDED, options_of
from evals.results import SuiteResult
from evals.scorecard import checks_table, verdict
from evals.suites import ASKED_FOR, SUITES
from evals.writing import ready, written

if TYPE_CHECKING:
    from companion.core import Companion

NEEDS_EXTRA = (
    "The evaluations need the extra `evals` (inspect-ai): run `make evals` in a checkout, "
    'or `pip install "companion-reflective[evals]"`.'
)


def run(argv: list[str]) -> int:
    """Give the exit code: 0 when everything holds, 1 when something does not, 2 for bad use."""
    options = options_of(argv)
    if find_spec("inspect_ai") is None:
        print(NEEDS_EXTRA, file=sys.stderr)
        return 2
    wanted = options.suite or list(SUITES)
    if unknown := sorted(set(wanted) - {*SUITES, *ASKED_FOR}):
        there = ", ".join((*SUITES, *ASKED_FOR))
        print(f"No suite {unknown[0]!r}; there are: {there}.", file=sys.stderr)
        return 2
    if "mine" in wanted and (options.out or options.html or options.judge):
        print(
            "The suite `mine` is your own words: it is neither judged nor written out. "
            "Leave --out, --html and --judge away.",
            file=sys.stderr,
        )
        return 2
    # Imported late: without the extra there is nothing to import.
    from companion.errors import CompanionError

    try:
        ready(options)
        if options.compare:
            return _compared(wanted, options)
        results = _ran(options.model, wanted, options)
    except (CompanionError, ValueError) as error:
        print(str(error), file=sys.stderr)
        return 2
    return _report(results, options)


def _ran(voice: str, wanted: Sequence[str], options: Namespace) -> list[SuiteResult]:
    """Run the suites on a voice. Raises SettingsError for one that cannot be used."""
    from evals.inspecting import evaluate
    from evals.progress import Progress
    from evals.suites import making

    companion = _companion(voice)
    results = []
    try:
        for name in wanted:
            suite = making(name)(companion)
            count = (
                len(suite.rows) if options.limit is None else min(options.limit, len(suite.rows))
            )
            with Progress(name, count) as progress:
                result = evaluate(suite, limit=options.limit, logs=options.out, tick=progress.tick)
            results.append(result)
    finally:
        if companion.retire:
            companion.retire()
    return results


def _companion(voice: str) -> Companion:
    from companion.build import build_in_memory
    from companion.commands.configured import voice_named
    from companion.settings import load_settings

    settings = load_settings()
    companion = build_in_memory(settings, voice_named(voice, settings))
    if companion.settle and (said := companion.settle()):
        print(said, file=sys.stderr)
    return companion


def _compared(wanted: Sequence[str], options: Namespace) -> int:
    """Set two runs, or two voices, side by side; the exit code says whether both were whole."""
    from evals.comparing import compare, markdown, read_run
    from evals.suites import making

    sides = []
    for one in options.compare:
        kept = Path(one).exists()
        run_of = read_run(Path(one)) if kept else {r.name: r for r in _ran(one, wanted, options)}
        sides.append(run_of)
    both = [name for name in wanted if name in sides[0] and name in sides[1]]
    if not both:
        raise ValueError("The two runs have no suite in common, so there is nothing to compare.")
    unbound = _companion(EMBEDDED)
    found = [
        compare(sides[0][name], sides[1][name], making(name)(unbound).measures) for name in both
    ]
    print(markdown(found))
    after = [sides[1][name] for name in both]
    checks = [check for result in after for check in shown(result)]
    written(after, checks, options, found)
    return int(any(check.passed is False for check in checks))


def _taken_over(results: Sequence[SuiteResult]) -> int:
    """Count the turns in which the voice failed or was stopped: its scores are not all its own."""
    traces = (case.trace for result in results for case in result.cases)
    return sum(json.dumps(trace).count('"taken_over":') for trace in traces)


def _report(results: list[SuiteResult], options: Namespace) -> int:
    floors = load_floors()
    checks: list[Check] = []
    for result in results:
        gated = options.limit is None and options.model == EMBEDDED and result.name in SUITES
        checks += held(result, floors) if gated else shown(result)
    ending = verdict(checks)
    if options.limit is not None:
        ending += " (a part only: no floor was held)"
    elif options.model != EMBEDDED:
        ending += f" (floors are the embedded voice's, and not held for {options.model})"
    print(f"\n{checks_table(checks)}\n\n{ending}")
    if options.model != EMBEDDED:
        print(f"{_taken_over(results)} turns were finished by the embedded voice.")
    written(results, checks, options)
    if options.judge:
        from evals.judging import judged_report

        print(judged_report(results, options.judge, options.labels, options.out))
    return int(any(check.passed is False for check in checks))


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
