"""Takes forgotten words out of texts that quoted them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from companion.domain import Reflection
from companion.ports import Turn
from companion.text import stretches, words

FORGOTTEN = "(forgotten)"
RUN = 4
"""Words in a row that count as a quotation, in a reply that is known to rest on the reflection."""


def unquoted(turn: Turn, gone: Sequence[Reflection]) -> Turn:
    """Give the turn with forgotten reflections taken out of its reply and its trace."""
    trace = dict(turn.trace)
    named = str(trace)
    reply = turn.reply
    for one in gone:
        recalled = one.id in named
        reply = None if reply is None else without(reply, [one.text], recalled=recalled)
        trace = without_in(trace, [one.text], recalled=recalled)
    return replace(turn, reply=reply, trace=trace)


def without(text: str, forgotten: Sequence[str], *, recalled: bool = False) -> str:
    """Give `text` with each forgotten text replaced, whatever its case, quotes and punctuation.

    With `recalled`, a stretch of it is replaced too: a model may have quoted only half a sentence.
    """
    for one in forgotten:
        wanted = words(one)
        shortest = min(RUN, len(wanted)) if recalled else len(wanted)
        if wanted:
            for span in reversed(stretches(text, wanted, shortest)):
                text = text[: span.start] + FORGOTTEN + text[span.end :]
        elif one.strip():
            text = text.replace(one.strip(), FORGOTTEN)
    return text


def without_in(value: Any, forgotten: Sequence[str], *, recalled: bool = False) -> Any:
    """Do the same in every string of a JSON value, keys excepted."""
    if isinstance(value, str):
        return without(value, forgotten, recalled=recalled)
    if isinstance(value, dict):
        return {k: without_in(v, forgotten, recalled=recalled) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [without_in(item, forgotten, recalled=recalled) for item in value]
    return value
