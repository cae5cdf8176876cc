"""Write what the reader says of some messages, to be read equal on every computer.

python -m tests.reader.fixture      after every `make train`; look at what changed before keeping it
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from companion.build import shared_reader
from companion.domain import PastTurn
from companion.ports import Reader

FILE = Path(__file__).parent / "fixture.json"
MESSAGES: tuple[tuple[str, str | None], ...] = (
    ("My mum says I'm selfish for not coming home.", None),
    ("My boss told the whole room that I never pull my weight, and it isn't true.", None),
    ("She read my diary out loud to her friends after I asked her to leave my room.", None),
    ("He keeps telling everyone I made it all up for attention.", None),
    ("They keep saying I'm too sensitive, what if they're right?", None),
    ("I am disgusting. I look in the mirror and that is all there is.", None),
    ("I forgot the appointment again. I'm just a failure, always was.", None),
    ("Dad calls me cold, and well, I am. There is something broken in me.", None),
    ("Nobody has rung in three weeks and the flat is so quiet at night.", None),
    ("I can't sleep, everything is too much and there is no one to lean on.", None),
    ("Since the funeral the house is empty and I don't know where to put myself.", None),
    ("i'm scared and i'm on my own with it", None),
    ("If they knew what I did they would all leave.", None),
    ("I'm too much for people. He would have stayed if I were easier.", None),
    ("I don't deserve anyone being nice to me after that.", None),
    ("Passed my driving test at 61!", None),
    ("I shouted at my son this morning and I want to make it right.", None),
    ("What should I cook for six people on Saturday?", None),
    ("The bus was late, the coffee was good, that's my day.", None),
    ("I said no to the extra shift and went home on time.", None),
    ("she did it again", "My sister calls me a freeloader in front of everyone."),
    ("i want to kill myself", None),
    ("I took all the pills twenty minutes ago", None),
    ("everyone would be better off without me", None),
    ("this commute is killing me", None),
)


def label(reader: Reader, message: str, before: str | None) -> dict[str, Any]:
    history = [PastTurn(before, "…")] if before else []
    read = reader.read(message, history)
    return {
        "message": message,
        "before": before,
        "situation": read.situation.value,
        "crisis": read.crisis.value,
        "old_rule": read.old_rule.value if read.old_rule else None,
        "likelihood": round(read.situations[read.situation], 2),
    }


def main() -> None:
    reader = shared_reader()
    rows = [label(reader, *given) for given in MESSAGES]
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    FILE.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
