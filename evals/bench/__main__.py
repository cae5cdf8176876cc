"""The command: every part in a process of its own, then the page.

python -m evals.bench                   # `make bench`: all of it, writes docs/performance.md
python -m evals.bench recall start      # these parts, printed only
python -m evals.bench --quick           # a taste of each, printed only; the numbers mean nothing
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any, get_type_hints

from evals.bench.results import Results

PARTS: dict[str, type] = get_type_hints(Results)
ROOT = Path(__file__).parents[2]
SETTLE = "settle"
SETTLED = {"turns", "engine", "sentence"}
"""Parts that are measured with kept reflections."""


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.bench", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="small sizes, for trying")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(argv)
    if given.inside:
        inside(given.parts[0], given.inside, quick=given.quick)
        return 0
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"there is no {min(unknown)}; the parts are {', '.join(PARTS)}")
    return run(given.parts, quick=given.quick)


def run(parts: Sequence[str], *, quick: bool) -> int:
    """Measure the parts, all of them if none is named, and print them; write the page of all."""
    load, began, found = os.getloadavg()[0], time.perf_counter(), {}
    with tempfile.TemporaryDirectory(prefix="companion-bench-") as name:
        for part in _needed(parts or list(PARTS)):
            print(f"{part} … ({time.perf_counter() - began:.0f} s)", flush=True)
            asked = [sys.executable, "-m", "evals.bench", part, "--inside", name]
            asked += ["--quick"] if quick else []
            if subprocess.run(asked, cwd=ROOT).returncode:
                print(f"Nothing was written: {part} could not be measured.")
                return 1
            if part != SETTLE:
                found[part] = _read(part, Path(name))
    from evals.bench import report

    for part, result in found.items():
        print(f"\n{part}\n")
        print("\n\n".join(shown(result) for shown in report.PARTS[part]))
    print(f"\n{time.perf_counter() - began:.0f} s in all")
    return 0 if parts or quick else write(Results(**found), load)


def inside(part: str, folder: Path, *, quick: bool) -> None:
    """Measure one part in this process and leave what it gave as JSON in the folder."""
    if part == SETTLE:
        import_module("evals.bench.turns").settle(folder, quick)
        return
    measured = import_module(f"evals.bench.{part}").measure(folder, quick)
    (folder / f"{part}.json").write_text(json.dumps(asdict(measured)), encoding="utf-8")


def write(results: Results, load: float) -> int:
    """Write the page, unless the turns were not what it says they are; give the exit code."""
    from evals.bench.machine import machine
    from evals.bench.report import DOCUMENT, page
    from evals.bench.turns import KEPT

    turns = results.turns
    if turns.kept < KEPT or not turns.index_in_use or not turns.steps.get("turn"):
        print(f"Nothing was written: {turns.kept} kept, index in use: {turns.index_in_use}.")
        return 1
    DOCUMENT.write_text(page(results, machine(load)), encoding="utf-8")
    print(f"written to {DOCUMENT}")
    return 0


def _needed(parts: Sequence[str]) -> list[str]:
    """Give the parts in their order, with what has to be kept before the first that needs it."""
    chosen = [part for part in PARTS if part in parts]
    return [SETTLE, *chosen] if SETTLED & set(chosen) else chosen


def _read(part: str, folder: Path) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(PARTS[part]).validate_json((folder / f"{part}.json").read_bytes())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
