"""How many threads a model file runs fastest with here: measured once, then kept in the cache.

Reading waits for arithmetic and writing for memory, and on a busy computer every thread waits for
the slowest, so no rule knows the number: on two busy cores, one thread was up to ten times as fast
as two.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from companion.cache import folder, put

PATIENCE = 6.0
"""Seconds a job may take. A model that needs more with half of the cores is measured no further."""
ENOUGH = 1.1
"""A time up to this many times the least is as good: the cores not taken are the person's."""
CONTEXT = 512
"""Tokens of the window that the job needs."""
JOB = {
    # About sixty tokens to read and twelve to write, near the proportion of a turn.
    "prompt": (
        "In the evening she walked along the river and thought of what her brother had said in the "
        "morning. The windows of the houses were lit, and behind each of them somebody was cooking "
        "or reading, and nobody knew that she was there. Then a dog came up to her, slowly, and"
    ),
    "n_predict": 12,
    "ignore_eos": True,
    "cache_prompt": False,
    "temperature": 0,
}

Timed = Callable[[int, float], float | None]
"""Gives the seconds of a job with so many threads, or None if it took more than so many seconds."""


def threads_for(path: Path, version: str, start: Callable[[int], Any], key: str) -> int:
    """Give the number of threads for a model file; `start` starts the server with so many.

    Loads the file up to three times, and tries a job up to three times each; the first job that
    takes more than PATIENCE seconds with half of the cores ends it, and half is the answer. Raises
    what `start` raises.
    """
    cores = usable_cores()
    kept = _file(path, version, cores)
    with suppress(OSError, ValueError):
        known = int((folder() / kept).read_bytes())
        if known in candidates(cores):
            return known
    threads = measured(cores, lambda tried, most: _timed(start, tried, most, key))
    put(kept, str(threads).encode())
    return threads


def measured(cores: int, timed: Timed) -> int:
    """Give the best number of threads. What is slower than the best so far is not waited for."""
    first, *others = candidates(cores)
    seconds = timed(first, PATIENCE)
    if seconds is None:
        return first
    timings = {first: seconds}
    for other in others:
        seconds = timed(other, min(timings.values()) * ENOUGH)
        if seconds is not None:
            timings[other] = seconds
    return fastest(timings)


def candidates(cores: int) -> tuple[int, ...]:
    """Give what is tried: half of the cores, all of them, and one."""
    # Half comes first, because two threads of a core share its arithmetic: it is seldom the worst.
    return tuple(dict.fromkeys((max(1, cores // 2), cores, 1)))


def fastest(timings: Mapping[int, float]) -> int:
    """Give the fewest threads whose seconds are as good as the least."""
    least = min(timings.values())
    return min(threads for threads, seconds in timings.items() if seconds <= least * ENOUGH)


def usable_cores(limit: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Give the cores this process may use, which in a container can be fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    with suppress(OSError, ValueError):
        quota, period = limit.read_text(encoding="ascii").split()
        cores = min(cores, -(-int(quota) // int(period)))
    return max(1, cores)


def _file(path: Path, version: str, cores: int) -> str:
    about = path.stat()
    told = f"{path.name}\0{about.st_size}\0{about.st_mtime_ns}\0{cores}\0{version}"
    return f"threads-{hashlib.sha256(told.encode()).hexdigest()[:24]}.txt"


def completed(address: str, key: str, job: Mapping[str, Any], most: float | None) -> bool:
    """Have a server do a job of plain completion; give whether it did so in `most` seconds."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    with closing(HTTPConnection(urlsplit(address).netloc, timeout=most)) as connection:
        try:
            connection.request("POST", "/completion", json.dumps(job), headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            return False
        return answer.status == 200


def _timed(start: Callable[[int], Any], threads: int, most: float, key: str) -> float | None:
    server = start(threads)
    # The first brings the file into memory, which is not the threads' doing.
    if _seconds(server, min(PATIENCE, 2 * most), key) is None:
        return None
    times = [_seconds(server, most, key) for _ in range(2)]
    return min((seconds for seconds in times if seconds is not None), default=None)


def _seconds(server: Any, most: float, key: str) -> float | None:
    began = time.monotonic()
    if not completed(server.listening_address, key, JOB, most):
        return None
    return time.monotonic() - began
