"""Time the reader alone: import and load, one message, a batch through `read`, memory.

Runs in a fresh process, `python -m evals.bench_reader`, and prints one JSON object; `make bench`
puts it into docs/performance.md.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import time
from pathlib import Path

MESSAGES = Path(__file__).parent / "bench_messages.jsonl"
ROUNDS = 4


def measure() -> dict[str, float]:
    """Give seconds, messages a second and megabytes."""
    began = time.perf_counter()
    from companion.reader import EmbeddedReader

    reader = EmbeddedReader()
    loaded = time.perf_counter() - began
    messages = [json.loads(line)["message"] for line in MESSAGES.read_text("utf-8").splitlines()]
    reader.read(messages[0])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    taken = []
    for message in messages * ROUNDS:
        began = time.perf_counter()
        reader.read(message)
        taken.append(time.perf_counter() - began)
    judged = []
    for message in messages:
        began = time.perf_counter()
        reader.judge([message], message)
        judged.append(time.perf_counter() - began)

    from companion import batch

    lines = "".join(
        json.dumps({"id": i, "text": m}) + "\n" for i, m in enumerate(messages * ROUNDS)
    )
    began = time.perf_counter()
    batch.run(io.StringIO(lines), io.StringIO(), batch.reading(reader))
    rate = len(messages) * ROUNDS / (time.perf_counter() - began)
    taken.sort()
    judged.sort()
    return {
        "load": loaded,
        "read_p50": taken[len(taken) // 2],
        "read_p95": taken[int(len(taken) * 0.95)],
        "judge_p50": judged[len(judged) // 2],
        "messages_a_second": rate,
        "memory_mb": memory / (1024 * 1024 if sys.platform == "darwin" else 1024),
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
