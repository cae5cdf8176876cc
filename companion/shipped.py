"""Every sentence this product ships to be said to a person, for the test and audit that read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from companion.domain import POLICY, Mode
from companion.ports import Draft
from companion.prompts import document
from companion.steps.guard import neutral
from companion.text import sentences
from companion.voice.exchanges import load
from companion.voice.intents import context_of


@dataclass(frozen=True)
class Shipped:
    """`place` says which file and entry it stands in; `mode` is None where it serves both."""

    place: str
    sentence: str
    context: str
    mode: Mode | None

    @property
    def draft(self) -> Draft:
        return Draft(neutral(self.sentence), self.sentence, self.context)


def shipped() -> Iterator[Shipped]:
    """Give every sentence of the exchanges, the lines, the crisis text and the identity."""
    for exchange in load():
        mode = POLICY[exchange.situation].mode
        for name, offered in [*exchange.moves.items(), ("advice", exchange.advice)]:
            for option in offered:
                for sentence in sentences(option.say):
                    yield Shipped(f"{exchange.id}.{name}", sentence, exchange.message, mode)
    for name, about in document("lines").items():
        authored = about if name == "recall" else about.get("replies")
        context = "" if name == "recall" else context_of(name)
        modes = {"boundary": Mode.BOUNDARY, "openness": Mode.OPENNESS}
        for key, line in _leaves(authored):
            for sentence in sentences(line):
                yield Shipped(f"lines.{name}", sentence, context, modes.get(key))
        for _, line in _leaves(about.get("in", {})):
            yield Shipped(f"lines.{name}.in", line, "", None)
    texts = document("crisis")
    for part in ("kinds", "answers"):
        for _, line in _leaves(texts[part]):
            for sentence in sentences(line):
                yield Shipped(f"crisis.{part}", sentence, "", None)
    for key, line in _leaves(document("identity")):
        for sentence in sentences(line):
            yield Shipped(f"identity.{key}", sentence, "", None)


def _leaves(node: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Give every text in nested mappings and lists, with the first key above it."""
    if isinstance(node, str):
        yield key, node
    elif isinstance(node, dict):
        for name, inner in node.items():
            yield from _leaves(inner, key or str(name))
    else:
        for inner in node:
            yield from _leaves(inner, key)
