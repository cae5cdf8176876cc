"""A conversation as the judge and the readers are shown it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evals.results import Row


def conversation(turns: Sequence[Row], kept: Sequence[Row] = ()) -> str:
    """Give what came before the last turn's reply."""
    lines = []
    for turn in turns[:-1]:
        lines += [line("Person", turn["message"]), line("Companion", with_contacts(turn))]
    return notes(kept) + "\n".join([*lines, line("Person", turns[-1]["message"])])


def line(who: str, text: str, place: int = 0, turns: Sequence[Any] = ()) -> str:
    """Give a turn under who said it, numbered where there are several.

    Further lines are indented, so that no message can speak for another.
    """
    number = f" {place + 1}" if len(turns) > 1 else ""
    return f"{who}{number}: " + "\n  ".join(text.splitlines())


def with_contacts(turn: Row) -> str:
    """Give the reply with the contacts that stood beside it."""
    reply, contacts = turn["reply"] or "", turn.get("contacts") or ()
    return f"{reply} [Contacts shown: {'; '.join(contacts)}]" if contacts else reply


def notes(kept: Sequence[Row]) -> str:
    if not kept:
        return "Kept notes: none.\n"
    told = [f"- {one['date']}, {one['kind']}: “{' '.join(one['text'].split())}”" for one in kept]
    return "\n".join(["Kept notes:", *told]) + "\n"
