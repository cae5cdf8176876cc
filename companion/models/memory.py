"""Memory, in bytes, as the system tells it; None where it does not."""

from __future__ import annotations

import os
from pathlib import Path

from companion.errors import SettingsError

GIGABYTE = 1e9


def resident() -> int | None:
    """Give what this process holds in memory now. Told by Linux alone."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def grown(before: int | None) -> int | None:
    """Give by how much this process grew since `resident` gave `before`."""
    now = resident()
    return None if before is None or now is None else max(0, now - before)


def available() -> int | None:
    """Give what a program could take now; where only all of the memory is told, that."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        told = dict(line.split(":", 1) for line in lines)
        return int(told["MemAvailable"].split()[0]) * 1024
    except (OSError, ValueError, KeyError, IndexError):
        return _all()


def check_room(name: str, size: int) -> None:
    """Raise SettingsError for a file of so many bytes if there is not that much memory for it."""
    room = available()
    if room is not None and size > room:
        raise SettingsError(
            f"COMPANION_GGUF names {name}, which is {size / GIGABYTE:.1f} GB large, and this "
            f"computer has {room / GIGABYTE:.1f} GB of memory for it; choose a smaller model or "
            "close other programs."
        )


def _all() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None
