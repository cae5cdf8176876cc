"""The reader alone: import and load, one message, a batch through `read`, memory."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path

from evals.bench.results import Alone, messages
from evals.bench.turns import peak_megabytes
from evals.metrics import percentile

ROUNDS = 4


def measure(_folder: Path, quick: bool = False) -> Alone:
    """Measure in this process, which has imported nothing of the reader yet."""
    began = time.perf_counter()
    from companion.reader import EmbeddedReader

    reader = EmbeddedReader()
    loaded = time.perf_counter() - began
    said = messages()[: 6 if quick else None]
    read = said * (1 if quick else ROUNDS)
    reader.read(said[0])
    memory = peak_megabytes()
    taken = []
    for message in read:
        began = time.perf_counter()
        reader.read(message)
        taken.append(time.perf_counter() - began)
    judged = []
    for message in said:
        began = time.perf_counter()
        reader.judge([message], message)
        judged.append(time.perf_counter() - began)

    from companion import batch

    lines = "".join(json.dumps({"id": i, "text": m}) + "\n" for i, m in enumerate(read))
    began = time.perf_counter()
    batch.run(io.StringIO(lines), io.StringIO(), batch.reading(reader))
    rate = len(read) / (time.perf_counter() - began)
    return Alone(
        load=loaded,
        read_p50=percentile(taken, 0.5),
        read_p95=percentile(taken, 0.95),
        judge_p50=percentile(judged, 0.5),
        messages_a_second=rate,
        memory_mb=memory,
    )
