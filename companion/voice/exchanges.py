"""The authored exchanges: a message, and a reply in the mode's moves, each with its options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from companion.domain import Move, OldRule, Situation
from companion.prompts import folder, load_yaml

SLOT = re.compile(r"\{(words|speaker|speakers|memory|when)\}")


@dataclass(frozen=True)
class Option:
    """One wording. It may be said only if one of its cues is in the message and its slots fill."""

    say: str
    cues: frozenset[str] = frozenset()

    @cached_property
    def slots(self) -> frozenset[str]:
        return frozenset(SLOT.findall(self.say))


@dataclass(frozen=True)
class AuthoredExchange:
    """`moves` holds the options of each move, the most specific first.

    `fits_any`: every sentence is true of any message of its situation; said when nothing is near.
    """

    id: str
    message: str
    situation: Situation
    topic: str
    relation: str | None
    old_rule: OldRule | None
    moves: Mapping[Move, tuple[Option, ...]]
    advice: tuple[Option, ...]
    fits_any: bool = False


def options(items: Iterable[Mapping[str, Any] | str]) -> tuple[Option, ...]:
    """Read options: a mapping with `say` and perhaps `if`, or a plain string."""
    return tuple(
        Option(item)
        if isinstance(item, str)
        else Option(item["say"].strip(), frozenset(str(c).casefold() for c in item.get("if", ())))
        for item in items
    )


def load(root: Path | None = None) -> tuple[AuthoredExchange, ...]:
    """Read every exchange, in the order of the files."""
    root = root or folder() / "exchanges"
    return tuple(
        AuthoredExchange(
            id=item["id"],
            message=item["message"].strip(),
            situation=situation,
            topic=item["topic"],
            relation=item.get("relation"),
            old_rule=OldRule(item["old_rule"]) if item.get("old_rule") else None,
            moves={Move(name): options(said) for name, said in item["moves"].items()},
            advice=options(item.get("advice", ())),
            fits_any=bool(item.get("any")),
        )
        for situation in Situation
        for path in sorted((root / situation.value).glob("*.yaml"))
        for item in load_yaml(path) or ()
    )
