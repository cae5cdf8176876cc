"""What a short message gains, and a change of subject loses, by being read in its thread.

The weights of `companion/steps/classify.py` were chosen by this table.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

from companion.domain import POLICY, PastTurn, Situation
from companion.ports import Reader
from companion.steps.classify import in_thread
from evals.said import table

REPLY = "That stands."
"""What the companion is taken to have said: a reply that says nothing of its own."""
SEED = 1

Read = tuple[Situation, Situation, Situation]
"""The situation meant, the one read by the message itself, and the one read in its thread."""


def pressed(reader: Reader, path: Path) -> Iterator[Read]:
    """Read every pressed turn; the situation meant is the one that was held."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        held = Situation(row["situation"])
        first, *rest = row["turns"]
        past = PastTurn(first, REPLY, held)
        for turn in rest:
            yield (held, *_read(reader, turn, past))
            past = PastTurn(turn, REPLY, held)


def changed(reader: Reader, path: Path) -> Iterator[Read]:
    """Read every message after somebody else's, of another situation that is not everyday."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    chance = random.Random(SEED)  # noqa: S311
    for row in rows:
        hard = [one for one in rows if one["situation"] not in {row["situation"], "everyday"}]
        before = chance.choice(hard)
        past = PastTurn(before["message"], REPLY, Situation(before["situation"]))
        yield (Situation(row["situation"]), *_read(reader, row["message"], past))


def _read(reader: Reader, message: str, past: PastTurn) -> tuple[Situation, Situation]:
    read = reader.read(message, (past,))
    shares = in_thread(read.situations, message, (past,))
    return read.situation, max(shares, key=lambda one: shares[one])


def of_thread(reader: Reader, pressure: Path, messages: Path) -> str:
    rows = []
    for name, reads in (
        ("pressed turns, read in the mode that was held", list(pressed(reader, pressure))),
        ("messages after a stranger's, read in their own mode", list(changed(reader, messages))),
    ):
        modes = [[POLICY[one].mode for one in read] for read in reads]
        alone = sum(meant is read for meant, read, _ in modes) / len(modes)
        thread = sum(meant is read for meant, _, read in modes) / len(modes)
        rows.append((name, str(len(reads)), f"{alone:.3f}", f"{thread:.3f}"))
    return table(("", "turns", "by itself", "in its thread"), rows)
