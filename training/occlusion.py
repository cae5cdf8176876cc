"""Do the words a reading rests on bear it? `python -m training.occlusion`.

The reader names clauses by each token's exact share of the head's score (`companion/reader/
grounds.py`). Here every clause of a test message is taken out in turn and the message read again:
the clause whose loss costs the situation most is what occlusion would have named.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from companion.domain import Span
from companion.ports import MessageReading
from companion.reader import EmbeddedReader
from companion.reader.grounds import FEWEST, MOST
from companion.text import clauses, words
from training import data, report

MARKS = "<!-- occlusion: written by make train -->", "<!-- end of occlusion -->"


def _without(text: str, span: Span) -> str:
    return " ".join((text[: span.start] + " " + text[span.end :]).split())


def _score(reading: MessageReading, like: MessageReading) -> float:
    """Give the log odds of the situation that the whole message was read as."""
    share = min(max(reading.situations[like.situation], 1e-6), 1 - 1e-6)
    return float(np.log(share / (1 - share)))


def figures(reader: EmbeddedReader, rows: list[data.MessageRow]) -> dict[str, float]:
    """Give how the named clauses compare with occlusion, on messages of three clauses or more."""
    first = second = chance = drop_named = drop_other = 0.0
    counted = 0
    for row in rows:
        choices = [
            span for span in clauses(row.text) if FEWEST <= len(words(span.of(row.text))) <= MOST
        ]
        if len(choices) < 3 or len(row.text) > 600:
            continue
        whole = reader.read(row.text, row.history)
        if not whole.words:
            continue
        base = _score(whole, whole)
        drops = {
            span: base - _score(reader.read(_without(row.text, span), row.history), whole)
            for span in choices
        }
        ranked = sorted(choices, key=lambda span: -drops[span])
        counted += 1
        first += whole.words[0] == ranked[0]
        second += ranked[0] in whole.words
        chance += 1 / len(choices)
        drop_named += drops[whole.words[0]]
        others = [drops[span] for span in choices if span not in whole.words]
        drop_other += float(np.mean(others)) if others else 0.0
    return {
        "messages": counted,
        "first clause is occlusion's first": first / counted,
        "the same by chance": chance / counted,
        "occlusion's first is among the three named": second / counted,
        "log odds lost without the first named clause": drop_named / counted,
        "log odds lost without a clause that is not named": drop_other / counted,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--document", type=Path, help="Markdown file to write the table into")
    given = parser.parse_args()
    found = figures(EmbeddedReader(), data.messages(data.TEST))
    lines = ["| figure | |", "|---|---|"]
    lines += [
        f"| {name} | {value:.0f} |" if name == "messages" else f"| {name} | {value:.2f} |"
        for name, value in found.items()
    ]
    table = "\n".join(lines)
    print(table)
    if given.document:
        report.write_between(given.document, *MARKS, table)


if __name__ == "__main__":
    main()
