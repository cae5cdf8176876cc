"""Writes a run: the page, and a folder with all of it."""

from __future__ import annotations

import json
import os
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from evals.about import about
from evals.card import page
from evals.comparing import Comparison
from evals.gate import Check
from evals.results import SuiteResult, as_json
from evals.scorecard import checks_table, figure, verdict, wrong_table


def ready(options: Namespace) -> None:
    """Make the folders that will be written to. Raises ValueError with a sentence.

    Before the run: nobody should wait minutes for what cannot be kept.
    """
    for folder in filter(None, (options.out, options.html and options.html.parent)):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            said = error.strerror
        else:
            said = None if os.access(folder, os.W_OK) else "no permission"
        if said:
            raise ValueError(f"Nothing can be written to {folder} ({said}). Name another place.")
    if options.html and options.html.is_dir():
        raise ValueError(f"{options.html} is a folder. Name a file for the page.")


def written(
    results: Sequence[SuiteResult],
    checks: Sequence[Check],
    options: Namespace,
    compared: Sequence[Comparison] = (),
) -> None:
    """Write what was asked for, and say where. Raises OSError."""
    if not (options.html or options.out):
        return
    told = about(options.model, results)
    made = page(results, checks, told, compared)
    if options.html:
        _put(options.html, made)
    if options.out:
        _put(options.out / "scorecard.html", made)
        _put(options.out / "scorecard.md", markdown(results, checks))
        kept = {"about": told, "suites": [as_json(result) for result in results]}
        _put(options.out / "run.json", json.dumps(kept, ensure_ascii=False))


def markdown(results: Sequence[SuiteResult], checks: Sequence[Check]) -> str:
    """Give the whole scorecard: checks, figures, and every case that came out wrong."""
    parts = ["# Scorecard", checks_table(checks), verdict(checks)]
    for result in results:
        parts += [f"## {result.name}", result.asks, *map(figure, result.figures)]
        parts += ["### What came out wrong", wrong_table(result)]
    return "\n\n".join(parts) + "\n"


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    print(f"Written: {path}")
