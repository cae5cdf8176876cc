"""How near must a wording be to fit? What people judged, by nearness, into docs/voice.md.

Readers were shown messages of the training data, each with wordings the library might have offered,
and said of each whether it fitted: `evals/voice/read/fits.jsonl`. The bounds of
`companion/voice/library.py` rest on this table.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np

from companion.build import shared_embedder
from companion.text import plain
from companion.vectors import shipped_vectors
from companion.voice.exchanges import load, unslotted
from evals.said import table
from training.report import write_between

JUDGED = Path(__file__).parent / "read" / "fits.jsonl"
DOCUMENT = Path(__file__).parents[2] / "docs" / "voice.md"
BEGIN, END = "<!-- fits: written by evals.voice.fits -->", "<!-- end of fits -->"
BANDS = (-1.0, 0.25, 0.3, 0.35, 0.4, 0.45, 1.0)


def judged() -> tuple[np.ndarray, np.ndarray]:
    """Give for every pair its nearness, as the library has it, and whether it was judged to fit.

    Pairs whose exchange is no longer there are left out.
    """
    embedder = shared_embedder()
    exchanges = load()
    told = shipped_vectors(embedder, [plain(one.message) for one in exchanges])
    of_exchange = dict(zip((one.id for one in exchanges), told))
    near, fits = [], []
    for line in JUDGED.read_text("utf-8").splitlines():
        row = json.loads(line)
        message = embedder.embed([plain(row["message"])])[0]
        wordings = embedder.embed([unslotted(one) for one in row["wordings"]])
        for wording, id, fit in zip(wordings, row["exchanges"], row["fits"]):
            if id in of_exchange:
                near.append((wording @ message + of_exchange[id] @ message) / 2)
                fits.append(fit)
    return np.array(near), np.array(fits)


def main() -> None:
    near, fits = judged()
    rows = []
    for low, high in pairwise(BANDS):
        inside = (near >= low) & (near < high)
        share = f"{fits[inside].mean():.2f}" if inside.any() else "–"
        rows.append((f"{max(low, 0):.2f} to {high:.2f}", str(int(inside.sum())), share))
    rows.append(("all", str(len(fits)), f"{fits.mean():.2f}"))
    head = ("nearness", "pairs", "share that fits")
    write_between(DOCUMENT, BEGIN, END, table(head, rows))


if __name__ == "__main__":
    main()
