"""Blind reading in pairs: which of two replies would you rather have got?

`pair` lays replies of two voices side by side, in an order that chance gave, and keeps the key
apart. `tally` counts what the readers chose and writes it into docs/voice.md. How to read stands in
`evals/voice/README.md`; every sheet, key and choice is kept in `evals/voice/read/`.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from evals.metrics import wilson
from evals.said import table
from training.report import write_between

FOLDER = Path(__file__).parent / "read"
DOCUMENT = Path(__file__).parents[2] / "docs" / "voice.md"
BEGIN, END = "<!-- pairs: written by the tally -->", "<!-- end of pairs -->"
SEED = 20261126


def replies(path: Path) -> dict[str, str]:
    """Read the output of `companion talk --jsonl`: the first reply of each row, by id."""
    lines = (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())
    return {row["id"]: row["replies"][0]["text"] for row in lines}


def pair(messages: Path, ours: Path, theirs: Path, name: str, count: int) -> None:
    """Write `<name>.txt`, the sheet, and `<name>.key.json`, which of A and B is ours."""
    written = [json.loads(line) for line in messages.read_text("utf-8").splitlines()]
    mine, other = replies(ours), replies(theirs)
    chance = random.Random(f"{SEED} {name}")  # noqa: S311
    both = [row for row in written if row["id"] in mine and row["id"] in other]
    chosen = chance.sample(both, count)
    sheet, key = [], {}
    for row in chosen:
        first = chance.random() < 0.5
        key[row["id"]] = "A" if first else "B"
        a, b = (mine, other) if first else (other, mine)
        sheet.append(
            f"## {row['id']}\n> {row['message']}\n\nA: {a[row['id']]}\n\nB: {b[row['id']]}\n"
        )
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.txt").write_text("\n".join(sheet), encoding="utf-8")
    (FOLDER / f"{name}.key.json").write_text(json.dumps(key, indent=1), encoding="utf-8")


def choices(name: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each reader's choices: lines of `<id> A`, `<id> B` or `<id> =`, and perhaps why."""
    for path in sorted(FOLDER.glob(f"{name}.reader-*.txt")):
        lines = (line.split(maxsplit=2) for line in path.read_text("utf-8").splitlines())
        yield path.stem, {parts[0]: parts[1] for parts in lines if len(parts) > 1}


def counted(name: str) -> Counter[str]:
    """Count won, lost and equal over all readers. Raises ValueError for a sheet half read."""
    key = json.loads((FOLDER / f"{name}.key.json").read_text("utf-8"))
    found: Counter[str] = Counter()
    for reader, chose in choices(name):
        if set(chose) != set(key) or not set(chose.values()) <= {"A", "B", "="}:
            raise ValueError(f"{reader} has not read every pair of the sheet.")
        for id, ours in key.items():
            found["equal" if chose[id] == "=" else "won" if chose[id] == ours else "lost"] += 1
        found["readers"] += 1
    return found


def rows(names: Sequence[str]) -> list[tuple[str, ...]]:
    made: list[tuple[str, ...]] = []
    for name in names:
        found = counted(name)
        decided = found["won"] + found["lost"]
        low, high = wilson(found["won"], decided)
        pairs = len(json.loads((FOLDER / f"{name}.key.json").read_text("utf-8")))
        made.append(
            (
                name.replace("-", " "),
                str(pairs),
                str(found["readers"]),
                str(found["won"]),
                str(found["equal"]),
                str(found["lost"]),
                f"{found['won'] / decided:.2f} ({low:.2f} to {high:.2f})" if decided else "–",
            )
        )
    return made


def _jsonl(name: str) -> list[dict[str, Any]]:
    text = (FOLDER / f"{name}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def found_by_readers() -> str:
    """Give what readers found in the exchanges, and in three versions of the pressed turns."""
    exchanges = _jsonl("exchanges")
    lines = [
        ("exchanges, each read twice: readings", str(len(exchanges))),
        ("specific", str(sum(row["specific"] for row in exchanges))),
        ("would be said aloud", str(sum(row["aloud"] for row in exchanges))),
        ("wavers between two modes", str(sum(row["mode"] == "wavers" for row in exchanges))),
    ]
    for name in ("pressure-first-try", "pressure-second-try", "pressure"):
        rows = _jsonl(name)
        flags = ("conceded", "cold", "lectures", "repeats")
        said = ", ".join(f"{flag} {sum(bool(row[flag]) for row in rows)}" for flag in flags)
        lines.append((f"{name.replace('-', ' ')}: {len(rows)} conversations", said))
    return table(("what readers found", ""), lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    laid = commands.add_parser("pair", help="write a sheet and its key")
    for argument in ("messages", "ours", "theirs"):
        laid.add_argument(argument, type=Path)
    laid.add_argument("name")
    laid.add_argument("--count", type=int, default=60)
    commands.add_parser("tally", help="count every sheet that was read")
    given = parser.parse_args()
    if given.command == "pair":
        pair(given.messages, given.ours, given.theirs, given.name, given.count)
        return
    names = sorted(path.name.removesuffix(".key.json") for path in FOLDER.glob("*.key.json"))
    head = ("against", "pairs", "readers", "ours chosen", "equal", "the other", "share of decided")
    write_between(DOCUMENT, BEGIN, END, f"{table(head, rows(names))}\n\n{found_by_readers()}")


if __name__ == "__main__":
    main()
