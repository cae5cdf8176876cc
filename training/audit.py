"""Read every shipped sentence with the guard: `make audit`.

What the guard would withhold is listed, to be read by a person and either rewritten or cleared. A
clearance is the exact hash of the wording, in `prompts/cleared.yaml`: a changed letter voids it.
How often the guard was wrong about our own text is written into docs/safety.md.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from companion.prompts import document, folder
from companion.reader import EmbeddedReader
from companion.shipped import Shipped, shipped
from companion.steps.guard import Guard, Verdict, fingerprint
from training.report import write_between

BEGIN, END = "<!-- cleared: written by the audit -->", "<!-- end of cleared -->"
HEAD = (
    "# Wordings of ours that the guard would withhold, read again and found right: exact hashes.\n"
    "# Written by `make audit`; how often the guard is wrong about us stands in docs/safety.md.\n"
)


def flagged() -> list[tuple[Shipped, Verdict]]:
    """Give what the guard would withhold if nothing were cleared."""
    guard = Guard(EmbeddedReader(), cleared=frozenset())
    verdicts = ((item, guard.check(item.draft, item.context, mode=item.mode)) for item in shipped())
    return [(item, said) for item, said in verdicts if said.reason]


def table(found: list[tuple[Shipped, Verdict]], total: int) -> str:
    """Give the share of our own sentences that the guard would have withheld, by file."""
    by_file = Counter(item.place.split(".")[0].split("-")[0] for item, _ in found)
    of_file = Counter(item.place.split(".")[0].split("-")[0] for item in shipped())
    names = {
        "ma": "meaning_attacked",
        "is": "identity_shamed",
        "sm": "safety_missing",
        "lr": "love_revoked",
        "ev": "everyday",
    }
    rows = [
        f"| {names.get(name, name)} | {count} | {by_file[name]} | {by_file[name] / count:.0%} |"
        for name, count in of_file.items()
    ]
    rows.append(f"| **all** | {total} | {len(found)} | {len(found) / total:.0%} |")
    head = ["| where | sentences | flagged and cleared | share |", "|---|---|---|---|"]
    return "\n".join([*head, *rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", type=Path, help="write what is flagged and not cleared, as JSONL")
    parser.add_argument("--clear", type=Path, help="JSONL of what was read and found right")
    parser.add_argument("--document", type=Path, help="Markdown file to write the table into")
    given = parser.parse_args()
    found = flagged()
    hashes = {fingerprint(item.sentence): item for item, _ in found}
    cleared = {name for name in document("cleared") or () if name in hashes}
    if given.clear:
        lines = given.clear.read_text(encoding="utf-8").splitlines()
        read = {fingerprint(json.loads(line)["sentence"]) for line in lines if line.strip()}
        cleared |= read & hashes.keys()
    listed = "\n".join(f"- {name}" for name in sorted(cleared)) or "[]"
    (folder() / "cleared.yaml").write_text(f"{HEAD}{listed}\n", encoding="utf-8")
    left = [(item, said) for item, said in found if fingerprint(item.sentence) not in cleared]
    print(
        f"{len(found)} flagged, {len(cleared)} wordings cleared, {len(left)} sentences left to read"
    )
    if given.list:
        rows = [
            {
                "place": item.place,
                "sentence": item.sentence,
                "answers": item.context,
                "reason": said.reason,
                "score": round(said.score, 3),
            }
            for item, said in left
        ]
        text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        given.list.write_text(text + "\n", encoding="utf-8")
    if given.document:
        total = sum(1 for _ in shipped())
        write_between(given.document, BEGIN, END, table(found, total))


if __name__ == "__main__":
    main()
