"""The authored exchanges: a message, and a reply in the mode's moves, each with its options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from companion.domain import Move, OldRule, Situation
from companion.prompts import folder, load_all
from companion.text import sentences
from companion.voice.details import cue

SLOT = re.compile(r"\{(words|earlier|speaker|speakers|memory|when)\}")


class Push(StrEnum):
    """How a person presses against what the reply before held. See "Pressure" in the domain."""

    PUSHES_BACK = "pushes_back"
    TESTS = "tests"
    MOCKS = "mocks"
    WITHDRAWS = "withdraws"
    AGREES_TOO_FAST = "agrees_too_fast"
    GOES_SILENT = "goes_silent"
    ASKS_FOR_PROOF = "asks_for_proof"
    ASKS_FOR_AGREEMENT = "asks_for_agreement"
    COMES_BACK = "comes_back"
    CHECKS = "checks"


@dataclass(frozen=True)
class Option:
    """One wording. It may be said only if one of its cues is in the message and its slots fill.

    `cues` are as `details.cue` gives them.
    """

    say: str
    cues: frozenset[str] = frozenset()

    @cached_property
    def slots(self) -> frozenset[str]:
        return frozenset(SLOT.findall(self.say))

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        return tuple(sentences(self.say))


@dataclass(frozen=True)
class AuthoredExchange:
    """`moves` holds the options of each move, the most specific first.

    `told`: every sentence is true of any message of its situation that tells one of these cues.
    `fits_any`: every sentence is true of any message of its situation; said when nothing is near.
    `pressed`: the message pushes against a reply, `after` is what the person had written before it
    and `said` are other ways of pushing so.
    """

    id: str
    message: str
    situation: Situation
    topic: str
    relation: str | None
    old_rule: OldRule | None
    moves: Mapping[Move, tuple[Option, ...]]
    advice: tuple[Option, ...]
    told: frozenset[str] = frozenset()
    fits_any: bool = False
    pressed: Push | None = None
    after: str = ""
    said: tuple[str, ...] = ()


def unslotted(wording: str) -> str:
    """Give a wording without its slots, for comparing what it means."""
    return " ".join(SLOT.sub(" ", wording).split())


def cues(phrases: Iterable[Any]) -> frozenset[str]:
    return frozenset(cue(str(phrase)) for phrase in phrases)


def options(items: Iterable[Mapping[str, Any] | str]) -> tuple[Option, ...]:
    """Read options: a mapping with `say` and perhaps `if`, or a plain string."""
    return tuple(
        Option(item)
        if isinstance(item, str)
        else Option(item["say"].strip(), cues(item.get("if", ())))
        for item in items
    )


def load(root: Path | None = None) -> tuple[AuthoredExchange, ...]:
    """Read every exchange, in the order of the files."""
    root = root or folder() / "exchanges"
    paths = [path for one in Situation for path in sorted((root / one.value).glob("*.yaml"))]
    return tuple(
        _exchange(Situation(path.parent.name), item)
        for path, items in zip(paths, load_all(paths))
        for item in items or ()
    )


def _exchange(situation: Situation, item: Mapping[str, Any]) -> AuthoredExchange:
    return AuthoredExchange(
        id=item["id"],
        message=item["message"].strip(),
        situation=situation,
        topic=item["topic"],
        relation=item.get("relation"),
        old_rule=OldRule(item["old_rule"]) if item.get("old_rule") else None,
        moves={Move(name): options(said) for name, said in item["moves"].items()},
        advice=options(item.get("advice", ())),
        told=cues(item.get("told", ())),
        fits_any=bool(item.get("any")),
        pressed=Push(item["pressed"]) if item.get("pressed") else None,
        after=item.get("after", "").strip(),
        said=tuple(item.get("said", ())),
    )
