"""A bar while a suite runs, on a terminal; a line when it is done, everywhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

import click


class Progress:
    """Counts the cases of a suite. Use as a context; call `tick` after each case."""

    def __init__(self, name: str, cases: int) -> None:
        self._name, self._cases, self._done = name, cases, 0
        self._began = time.perf_counter()
        self._bar: Any = click.progressbar(length=cases, label=f"{name:<10}", file=sys.stderr)

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            self._bar.__enter__()
        return self

    def tick(self) -> None:
        self._done += 1
        if sys.stderr.isatty():
            self._bar.update(1)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if sys.stderr.isatty():
            self._bar.__exit__(kind, error, trace)
        took = time.perf_counter() - self._began
        print(f"{self._name}: {self._done} of {self._cases} cases in {took:.1f} s", flush=True)
