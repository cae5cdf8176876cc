"""`make voice`: what the embedded voice says to messages and conversations it never saw.

Writes the tables of docs/voice.md; nothing there is typed by hand. What a machine cannot count,
whether a reply is any good, is read by people: `evals/voice/reading.py`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import is_
from pathlib import Path

from companion.build import build_in_memory, shared_reader
from companion.core import Companion
from companion.domain import POLICY, Situation
from companion.settings import Settings
from companion.steps.guard import Guard
from companion.text import words
from companion.voice.exchanges import load
from evals.playing import Played, play
from evals.said import table
from evals.voice.thread import of_thread
from training.report import write_between

ROOT = Path(__file__).parents[2]
MESSAGES = ROOT / "evals" / "voice" / "data" / "messages.jsonl"
PRESSURE = ROOT / "evals" / "voice" / "data" / "pressure.jsonl"
DOCUMENT = ROOT / "docs" / "voice.md"
LONG_ENOUGH = 3
"""Words. Shorter sentences ("No.") may come again."""


@dataclass(frozen=True)
class Pushed:
    """A conversation under pressure, with what it pushes: its id, its situation, its turns."""

    id: str
    situation: str
    turns: tuple[Played, ...]


def embedded() -> Companion:
    """Give a Companion that speaks with the embedded voice and writes nothing."""
    return build_in_memory(Settings(base_url=None, model=None, gguf=None))


def rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def answered(companion: Companion, path: Path = MESSAGES) -> list[Played]:
    """Answer every message in a conversation of its own."""
    return [next(play(companion, [row["message"]])) for row in rows(path)]


def pushed(companion: Companion, path: Path = PRESSURE) -> list[Pushed]:
    return [
        Pushed(row["id"], row["situation"], tuple(play(companion, list(row["turns"]))))
        for row in rows(path)
    ]


def share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "none"


def variety(turns: Sequence[Played]) -> list[tuple[str, str]]:
    """Give how many different sentences, skeletons and replies there are."""
    said = [one for turn in turns for one in turn.sentences if len(words(one)) >= LONG_ENOUGH]
    shapes = [shape for turn in turns for shape in turn.shapes]
    times = Counter(said).most_common(1)[0][1]
    return [
        ("different sentences", share(len(set(said)), len(said))),
        ("different skeletons of a sentence", share(len(set(shapes)), len(shapes))),
        ("different replies", share(len({turn.reply for turn in turns}), len(turns))),
        ("different skeletons of a reply", share(len({t.shapes for t in turns}), len(turns))),
        ("the commonest sentence is said", f"{times} times"),
    ]


def of_messages(turns: Sequence[Played]) -> str:
    """Give the table over single messages."""
    answers = [turn for turn in turns if not turn.crisis]
    hard = [turn for turn in answers if turn.situation is not Situation.EVERYDAY]
    anyway = {
        sentence
        for one in load()
        if one.fits_any
        for offered in one.moves.values()
        for option in offered
        for sentence in option.sentences
        if not option.slots
    }
    short = [turn for turn in answers if len(words(turn.message)) <= 9]
    return table(
        ("over single messages", ""),
        [
            ("messages", str(len(turns))),
            ("read as a crisis, though none is one", share(len(turns) - len(answers), len(turns))),
            (
                "replies outside everyday that carry a detail of the message",
                share(sum(turn.detailed for turn in hard), len(hard)),
            ),
            (
                "the same, counting only words and quotations of the message",
                share(sum(turn.echoes for turn in hard), len(hard)),
            ),
            (
                "replies with a sentence that is true of any message",
                share(sum(bool(anyway & set(t.sentences)) for t in answers), len(answers)),
            ),
            *variety(answers),
            ("sentences withheld by the guard", str(sum(len(t.withheld) for t in turns))),
            (
                "replies with more than one question",
                str(sum(turn.reply.count("?") > 1 for turn in answers)),
            ),
            ("sentences a reply", f"{sum(len(t.sentences) for t in answers) / len(answers):.1f}"),
            (
                "the same, for messages of nine words or fewer",
                f"{sum(len(t.sentences) for t in short) / max(len(short), 1):.1f}",
            ),
        ],
    )


def of_pressure(conversations: Sequence[Pushed], guard: Guard) -> str:
    """Give the table over conversations in which a belief is pushed for ten turns."""
    turns = [turn for one in conversations for turn in one.turns]
    repeated = [one for one in conversations if _repeats(one)]
    return table(
        ("over conversations under pressure", ""),
        [
            ("conversations", str(len(conversations))),
            ("turns", str(len(turns))),
            ("conversations with a sentence that concedes", str(_conceding(conversations, guard))),
            ("conversations that say a sentence twice", str(len(repeated))),
            ("turns met as danger", share(sum(turn.crisis for turn in turns), len(turns))),
            ("turns read as everyday", share(_everyday(turns), len(turns))),
            ("sentences withheld by the guard", str(sum(len(t.withheld) for t in turns))),
            *variety([turn for turn in turns if not turn.crisis]),
        ],
    )


def _everyday(turns: Sequence[Played]) -> int:
    return sum(turn.situation is Situation.EVERYDAY for turn in turns)


def _repeats(one: Pushed) -> bool:
    said = [s for turn in one.turns for s in turn.sentences if len(words(s)) >= LONG_ENOUGH]
    return len(said) != len(set(said))


def _conceding(conversations: Sequence[Pushed], guard: Guard) -> int:
    """Count the conversations with a sentence that gives in, by the guard as if a model spoke.

    What it cannot tell is read by people.
    """
    return sum(
        any(guard.concedes(sentence) for turn in one.turns for sentence in turn.sentences)
        for one in conversations
    )


MESSAGES_PART = ("<!-- messages: written by make voice -->", "<!-- end of messages -->")
THREAD_PART = ("<!-- thread: written by make voice -->", "<!-- end of thread -->")
PRESSURE_PART = ("<!-- pressure: written by make voice -->", "<!-- end of pressure -->")


def of_reading(turns: Sequence[Played], path: Path = MESSAGES) -> str:
    """Give how often a message is read as its author meant it; a crisis is none of them."""
    meant = [Situation(row["situation"]) for row in rows(path)]
    read = [turn.situation for turn in turns]
    modes = sum(bool(r) and POLICY[m].mode is POLICY[r].mode for m, r in zip(meant, read) if r)
    return table(
        ("how the messages are read", ""),
        [
            ("as the situation meant", share(sum(map(is_, meant, read)), len(meant))),
            ("in the mode meant", share(modes, len(meant))),
        ],
    )


def main() -> None:
    companion = embedded()
    guard = companion.workflow.use.guard
    turns = answered(companion)
    write_between(DOCUMENT, *MESSAGES_PART, f"{of_messages(turns)}\n\n{of_reading(turns)}")
    write_between(DOCUMENT, *PRESSURE_PART, of_pressure(pushed(companion), guard))
    write_between(DOCUMENT, *THREAD_PART, of_thread(shared_reader(), PRESSURE, MESSAGES))
    print(f"written to {DOCUMENT}")


if __name__ == "__main__":
    main()
