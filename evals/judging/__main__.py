"""`python -m evals.judging`: sheets for people to label, their labels, and the agreement."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from evals.comparing import read_run
from evals.judging.labels import read_labels
from evals.judging.points import JUDGED, points
from evals.judging.sheets import import_sheet, sheet, write_sheet
from evals.judging.telling import report
from evals.judging.written import read_judged
from evals.metrics import SEED


def main(argv: Sequence[str] | None = None) -> int:
    """Give the exit code: 0 when it is done, 2 when it cannot be."""
    options = _options(argv)
    try:
        print(options.run(options))
    except ValueError as error:
        print(str(error), file=sys.stderr)
    except OSError as error:
        print(f"{error.filename} cannot be written ({error.strerror}).", file=sys.stderr)
    else:
        return 0
    return 2


def _sheet(options: Namespace) -> str:
    if options.count < 1:
        raise ValueError("--count says how many questions to draw; give 1 or more.")
    run = read_run(options.source)
    asked = [point for name in JUDGED if name in run for point in points(run[name])]
    drawn = sheet(asked, options.count, options.seed)
    if not drawn:
        raise ValueError(f"{options.source} holds nothing to judge, which is {', '.join(JUDGED)}.")
    if options.out.exists():
        raise ValueError(f"{options.out} is there already, and may be filled in; name another.")
    write_sheet(drawn, options.out)
    return (
        f"Written: {options.out}, {len(drawn)} questions. Read evals/judging/rubric.md, write true "
        'or false after "answer" in every line, then import it.'
    )


def _import(options: Namespace) -> str:
    count = import_sheet(options.source, options.reader, options.into)
    return f"Added to {options.into}: {count} labels of {options.reader}."


def _agreement(options: Namespace) -> str:
    return report(read_judged(options.source), read_labels(options.labels))


def _options(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m evals.judging", description=__doc__)
    commands = parser.add_subparsers(required=True)

    one = commands.add_parser("sheet", help="draw questions about a run, for people to answer")
    one.add_argument("source", type=Path, metavar="RUN", help="a folder that --out wrote")
    one.add_argument("--count", type=int, default=60, help="how many questions; 60")
    one.add_argument("--seed", type=int, default=SEED, help="another seed draws another sample")
    one.add_argument("--out", type=Path, required=True, metavar="FILE")
    one.set_defaults(run=_sheet)

    one = commands.add_parser("import", help="add a sheet that was filled in to the labels")
    one.add_argument("source", type=Path, metavar="SHEET")
    one.add_argument("--reader", required=True, metavar="NAME", help="who filled it in")
    one.add_argument("--into", type=Path, required=True, metavar="LABELS")
    one.set_defaults(run=_import)

    one = commands.add_parser("agreement", help="see whether a judge may be believed")
    one.add_argument("source", type=Path, metavar="JUDGED", help="judged.jsonl, or its folder")
    one.add_argument("labels", type=Path, metavar="LABELS")
    one.set_defaults(run=_agreement)
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
