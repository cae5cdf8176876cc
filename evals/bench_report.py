"""Writes docs/performance.md from what a run measured; no number in it is typed by hand."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from evals.scorecard import table

if TYPE_CHECKING:
    from evals.bench import Run

SAID = {
    "triage": "triage: read the message, look for danger",
    "classify": "classify: name the situation and the mode",
    "recall": "recall: search the reflections by meaning and by words",
    "respond": "respond: speak, every sentence through the guard",
    "offer": "offer: find a wording to keep",
    "first": "until the first sentence may be shown",
    "total": "the workflow",
    "turn": "**the whole turn, journal included**",
}

DOCUMENT = Template("""\
# Performance

`make bench` writes this page; nothing in it is typed by hand, and it is true of one machine on one
run. Run it on yours.

## A turn of the embedded voice, with $kept kept reflections

$steps

Milliseconds, over $turns turns: $messages distinct messages, each answered $rounds times, in
conversations of several messages, after a warm-up. Journal (SQLite, sealed, every write on the
disk) and index (Chroma) are the real ones, in a temporary folder. The reflections are short
sentences put together for volume, so how *well* recall chooses is not measured here. $crises turns
were read as a crisis; they get vetted text, skip most steps and are left out.

## The reader alone

$reader

In a process of its own that loads nothing but the reader, over the same messages, one at a time. *A
batch* goes through `companion read` as JSON lines.

## Start and memory

$start

*Import and build* begins in a fresh Python process that has not yet imported Companion. Peak memory
is that process's own, at its end.

## The machine

$machine
""")


def percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def write(path: Path, run: Run, about: Mapping[str, str]) -> str:
    """Write the page; give its tables of numbers."""
    from evals.bench import ROUNDS

    steps = table(
        ("step", "p50", "p95"),
        [
            (said, _ms(percentile(run.steps[name], 0.5)), _ms(percentile(run.steps[name], 0.95)))
            for name, said in SAID.items()
            if run.steps[name]
        ],
    )
    start = table(
        ("", ""),
        [
            ("import and build", f"{run.started:.2f} s"),
            ("first turn", f"{run.first_turn:.2f} s"),
            ("peak memory", f"{run.peak_mb:.0f} MB"),
        ],
    )
    reader = table(
        ("", ""),
        [
            ("import and load", f"{run.reader['load']:.2f} s"),
            ("read one message, p50", f"{_ms(run.reader['read_p50'])} ms"),
            ("read one message, p95", f"{_ms(run.reader['read_p95'])} ms"),
            ("judge one sentence, p50", f"{_ms(run.reader['judge_p50'])} ms"),
            ("a batch", f"{run.reader['messages_a_second']:.0f} messages a second"),
            ("memory of the process", f"{run.reader['memory_mb']:.0f} MB"),
        ],
    )
    page = DOCUMENT.substitute(
        reader=reader,
        kept=f"{run.kept:,}",
        steps=steps,
        turns=len(run.steps["turn"]),
        messages=run.messages,
        rounds=ROUNDS,
        crises=run.crises or "No",
        start=start,
        machine=table(("", ""), list(about.items())),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return f"{steps}\n\n{reader}\n\n{start}"


def machine(load: float) -> dict[str, str]:
    """Describe this computer, without its name or anything of its owner's."""
    return {
        "processor": _processor(),
        "cores this process may use": str(_cores()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB",
        "load when it began": f"{load:.1f}",
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        **{name: version(name) for name in ("onnxruntime", "chromadb", "langgraph")},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"
