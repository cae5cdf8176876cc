"""What `companion eval` can be told."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

EMBEDDED = "embedded"


def options_of(argv: list[str]) -> Namespace:
    """Read the command line. Exits with 2 for what cannot be read."""
    parser = ArgumentParser(
        prog="companion eval",
        description="Run the evaluations: all suites, embedded voice, offline, floors held.",
    )
    add = parser.add_argument
    add("--suite", action="append", metavar="NAME", help="run this suite only; may be repeated")
    add(
        "--model",
        default=EMBEDDED,
        metavar="VOICE",
        help="run another voice: a name `companion models list` shows, ADDRESS#MODEL, a .gguf file",
    )
    add("--limit", type=_count, metavar="N", help="look at the first N cases; floors are not held")
    add(
        "--compare",
        nargs=2,
        metavar=("A", "B"),
        help="set two side by side: each a folder an earlier --out wrote, or a voice to run now",
    )
    add(
        "--html",
        type=Path,
        metavar="FILE",
        help="write the scorecard as one page, to open in a browser",
    )
    add(
        "--out",
        type=Path,
        metavar="FOLDER",
        help="write scorecard.html, scorecard.md, run.json and Inspect's logs there",
    )
    add("--judge", metavar="VOICE", help="have a model judge what rules cannot; it never gates")
    add("--labels", type=Path, metavar="FILE", help="people's labels, to see if the judge is right")
    return parser.parse_args(argv)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)
