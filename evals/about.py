"""What was run: the voice, the data, the code and the machine, without anything of its owner's."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from companion import __version__
from evals.results import SuiteResult

ROOT = Path(__file__).parents[1]


def about(voice: str, results: Sequence[SuiteResult]) -> dict[str, str]:
    """Give a name and a value a row."""
    return {
        "voice": voice,
        "cases": f"{sum(len(result.cases) for result in results):,}",
        "seconds": f"{sum(result.seconds for result in results):.0f}",
        "version": f"{__version__} {_commit()}".strip(),
        "run on": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
    }


def _commit() -> str:
    """Give the commit, with a + for changes since; nothing outside a checkout."""
    try:
        said = subprocess.run(
            ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said.stdout.strip()
