"""Recall beside bare Chroma, among 100 to 100,000 kept reflections on disk."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from companion.build import shared_embedder
from evals.bench.filling import Seeded, fill
from evals.bench.pairs import alternate, part
from evals.bench.reflections import reflections
from evals.bench.results import Recall, RecallAt, messages
from evals.bench.searching import Bare, Ours, Side, keeping, opening, searching, took
from evals.metrics import percentile

SIZES = (100, 1_000, 10_000, 100_000)
QUICK = (100, 300)
ROUNDS = 2
ONCE_MORE = 5
"""Times that the files are opened anew, and that one more reflection is kept."""


def measure(folder: Path, quick: bool = False) -> Recall:
    """Measure at each size, in folders of its own below `folder`."""
    sizes = []
    for size in QUICK if quick else SIZES:
        print(f"recall among {size:,} …", file=sys.stderr, flush=True)
        sizes.append(at(folder / f"recall-{size}", size, quick=quick))
    embedder = shared_embedder()
    embedder.embed(["the first run prepares the rest"])
    taken = [took(partial(embedder.embed, [one])) for one in messages()]
    return Recall(sizes, percentile(taken, 0.5))


def at(folder: Path, size: int, *, quick: bool = False) -> RecallAt:
    """Measure among `size` reflections, kept in `folder`."""
    data, keys, embedder = folder / "data", folder / "keys", Seeded()
    every = reflections(size + ONCE_MORE)
    filled = took(lambda: fill(data, keys, every[:size]))
    ours = Ours(data, keys, embedder)
    ours.open()
    indexed = took(ours.check)
    ours.close()
    bare = Bare(data / "index", folder / "same", embedder, plain=False)
    plain = Bare(data / "index", folder / "plain", embedder, plain=True)
    for side in (ours, bare, plain):
        side.open()

    said = messages()[: 6 if quick else None]
    times = 2 if quick else ONCE_MORE
    both: Mapping[str, Side] = {"ours": ours, "same": bare}
    every_side = {**both, "plain": plain}
    opened = alternate({name: opening(side) for name, side in both.items()}, said[:times])
    searches = {name: searching(side) for name, side in every_side.items()}
    alternate(searches, said[:3])
    warm = alternate(searches, said, 1 if quick else ROUNDS)
    more = list(zip(every[size:], said))[:times]
    after = alternate({name: keeping(side) for name, side in both.items()}, more)
    for side in every_side.values():
        side.close()
    return RecallAt(size, filled, indexed, warm, opened, part(after, 0), part(after, 1))
