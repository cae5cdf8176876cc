"""What a turn says of itself, in the order it happens. Nothing else leaves the core."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from companion.domain import (
    Contact,
    CrisisState,
    Mode,
    OldRule,
    Reflection,
    ReflectionKind,
    Situation,
    Span,
    Variant,
)
from companion.usage import NOTHING_SPENT, Cost, Usage


@dataclass(frozen=True)
class Crisis:
    """Vetted text and contacts; the turn ends here while the crisis is active."""

    state: CrisisState
    text: str
    contacts: tuple[Contact, ...]
    contacts_first: bool


@dataclass(frozen=True)
class Reading:
    """How the message was read. `words` are the stretches of the message it rests on.

    `help_near`: danger was not read but cannot be ruled out, so contacts are pointed out quietly.
    `readers`: who read it, the embedded reader first.
    """

    situation: Situation
    mode: Mode
    variant: Variant
    also: Situation | None
    old_rule: OldRule | None
    probabilities: Mapping[Situation, float]
    words: tuple[Span, ...]
    help_near: bool = False
    readers: tuple[str, ...] = ("embedded",)


@dataclass(frozen=True)
class Recalled:
    """The person's own reflections that bear on this message; often none."""

    reflections: tuple[Reflection, ...]


@dataclass(frozen=True)
class Sentence:
    """A sentence that passed the guard and may be shown."""

    text: str


@dataclass(frozen=True)
class Resumed(Sentence):
    """A concern has passed: one vetted sentence before an ordinary reply, and the state to keep."""

    state: CrisisState


@dataclass(frozen=True)
class Replaced:
    """A sentence that was withheld, and why, in plain words. Never shown as part of the reply."""

    text: str
    reason: str


@dataclass(frozen=True)
class TakenOver:
    """The configured model could not finish; the embedded voice speaks from here on."""

    reason: str


@dataclass(frozen=True)
class Offer:
    """A wording the person may keep, after editing it, or None. Nothing is kept without a yes."""

    text: str | None
    kind: ReflectionKind = ReflectionKind.MOMENT


@dataclass(frozen=True)
class Finished:
    """The turn is over. `seconds` by step; `usage` is all that its requests to a model cost.

    `host` is where the message was sent, or None when it stayed on this computer.
    """

    voice: str
    seconds: Mapping[str, float] = field(default_factory=dict)
    usage: Usage = NOTHING_SPENT
    cost: Cost | None = None
    host: str | None = None
    notes: tuple[str, ...] = ()


Event = Crisis | Reading | Recalled | Sentence | Replaced | TakenOver | Offer | Finished
