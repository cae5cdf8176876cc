"""Read every shipped sentence with the guard: `make audit`.

What the guard would withhold is listed, to be read by a person and either rewritten or cleared. A
clearance is the exact hash of the wording, in `prompts/cleared.yaml`: a changed letter voids it.
What passes or is cleared goes into `prompts/audited.txt`, so that it is not judged anew each time
it is said.
How often the guard was wrong about our own text is written into docs/safety.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from pathlib import Path

from companion import prompts
from companion.prompts import document, folder
from companion.reader import EmbeddedReader
from companion.reader.encoder import WEIGHTS
from companion.shipped import Shipped, shipped
from companion.steps.guard import Guard, Verdict, fingerprint
from training.report import write_between

BEGIN, END = "<!-- cleared: written by the audit -->", "<!-- end of cleared -->"
HEAD = (
    "# Wordings of ours that the guard would withhold, read again and found right: exact hashes.\n"
    "# Written by `make audit`; how often the guard is wrong about us stands in docs/safety.md.\n"
)


def flagged(
    everything: list[Shipped], known: frozenset[str] = frozenset()
) -> list[tuple[Shipped, Verdict]]:
    """Give what the guard would withhold if nothing were cleared; `known` passed before."""
    guard = Guard(EmbeddedReader(), cleared=frozenset(), audited=known)
    verdicts = (
        (item, guard.check(item.draft, item.context, mode=item.mode)) for item in everything
    )
    return [(item, said) for item, said in verdicts if said.reason]


def write_audited(passed: list[Shipped]) -> None:
    """Write the hashes of what may be said without being judged anew, and by which reader."""
    known = sorted({fingerprint(item.sentence, item.context) for item in passed})
    head = f"# Written by `make audit`. Judged by the reader {weights()}.\n"
    (folder() / "audited.txt").write_text(head + "\n".join(known) + "\n", encoding="utf-8")


def audited_by() -> str:
    """Give by which reader the last audit was made."""
    head = (folder() / "audited.txt").read_text(encoding="utf-8").partition("\n")[0]
    return head.rstrip(".").rpartition(" ")[2]


def weights() -> str:
    """Give which reader this is: the beginning of its weights' sha256."""
    return hashlib.sha256((WEIGHTS / "reader.onnx").read_bytes()).hexdigest()[:16]


def table(found: list[Shipped], total: int) -> str:
    """Give the share of our own sentences that the guard would have withheld, by file."""
    by_file = Counter(item.place.split(".")[0].split("-")[0] for item in found)
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
    parser.add_argument(
        "--changed", action="store_true", help="judge only what did not pass the last audit"
    )
    given = parser.parse_args()
    known = prompts.lines("audited") if given.changed and audited_by() == weights() else frozenset()
    # Read once: a file changed meanwhile must not pass unjudged.
    everything = list(shipped())
    found = flagged(everything, known)
    hashes = {fingerprint(item.sentence) for item, _ in found}
    if given.changed:
        # What was cleared passes among the known, and stays cleared while it ships.
        hashes |= {fingerprint(item.sentence) for item in everything}
    cleared = {name for name in document("cleared") or () if name in hashes}
    if given.clear:
        lines = given.clear.read_text(encoding="utf-8").splitlines()
        read = {fingerprint(json.loads(line)["sentence"]) for line in lines if line.strip()}
        cleared |= read & hashes
    # Quoted: a hash may happen to be all digits.
    listed = "\n".join(f'- "{name}"' for name in sorted(cleared)) or "[]"
    (folder() / "cleared.yaml").write_text(f"{HEAD}{listed}\n", encoding="utf-8")
    withheld = {item.sentence for item, _ in found if fingerprint(item.sentence) not in cleared}
    write_audited([item for item in everything if item.sentence not in withheld])
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
        read_again = [item for item in everything if fingerprint(item.sentence) in cleared]
        write_between(given.document, BEGIN, END, table(read_again, len(everything)))


if __name__ == "__main__":
    main()
