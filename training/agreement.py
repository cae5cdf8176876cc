"""How far a second, blind reading agrees with the labels: `python -m training.agreement`.

`training/data/second_reading.jsonl` holds what a second reader, who saw the texts and DOMAIN and no
label, made of the rows. Labels that were changed after it, with the reason, are in the data card.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from evals.metrics import kappa
from training import data
from training.report import write_between

READING = data.DATA / "second_reading.jsonl"
MARKS = "<!-- agreement: written by make train -->", "<!-- end of agreement -->"


def table(reading: Path = READING) -> str:
    """Give agreement on the rows that were read twice, for what is learned from and tested on."""
    lines = reading.read_text(encoding="utf-8").splitlines()
    second = {row["id"]: row for row in map(json.loads, filter(None, lines))}
    shown = [
        "| set | rows | read twice | agreement | kappa | danger or shaming at all |",
        "|---|---|---|---|---|---|",
    ]
    for folder, of in ((data.DATA, ""), (data.TEST, " (test)")):
        for name, rows_of in data.TABLES.items():
            rows = rows_of(folder)
            pairs = [
                (second[row.id].get("was") or data.label(row), second[row.id]["label"])
                for row in rows
                if row.id in second
            ]
            if not pairs:
                continue
            agreed = sum(a == b for a, b in pairs) / len(pairs)
            either = sum((a == "none") == (b == "none") for a, b in pairs) / len(pairs)
            alarm = f"{either:.3f}" if name != "messages" else ""
            shown.append(
                f"| {name}{of} | {len(rows)} | {len(pairs)} | {agreed:.3f} | {kappa(pairs):.3f} "
                f"| {alarm} |"
            )
    return "\n".join(shown)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--card", type=Path, help="data card to write the table into")
    given = parser.parse_args()
    print(table())
    if given.card:
        write_between(given.card, *MARKS, table())


if __name__ == "__main__":
    main()
