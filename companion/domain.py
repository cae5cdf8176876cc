"""The domain as types: two modes, four situations and the fifth, and the policy between them.

`docs/domain.md` is the meaning of every word here. This module imports the standard library only;
everything else in the project may import it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType


class Mode(StrEnum):
    """What happens to the boundary: it closes, or it stays open."""

    BOUNDARY = "boundary"
    OPENNESS = "openness"


class Situation(StrEnum):
    """What is happening in a message. The situation decides the mode."""

    MEANING_ATTACKED = "meaning_attacked"
    IDENTITY_SHAMED = "identity_shamed"
    SAFETY_MISSING = "safety_missing"
    LOVE_REVOKED = "love_revoked"
    EVERYDAY = "everyday"


class Variant(StrEnum):
    """How the mode is spoken in a situation."""

    PLAIN = "plain"
    REFUSAL = "refusal"
    REMEMBRANCE = "remembrance"
    LIGHT = "light"


class Move(StrEnum):
    """One step of a reply. Three for each mode, in order, and two for light company."""

    CLOSE = "close"
    AUTHOR = "author"
    HOLD = "hold"
    OPEN = "open"
    STAY = "stay"
    BESIDE = "beside"
    MEET = "meet"
    ACCOMPANY = "accompany"


class OldRule(StrEnum):
    """The logic of survival that a message may run on."""

    SAFETY_REQUIRES_COMPLIANCE = "safety_requires_compliance"
    LOVE_CAN_BE_REVOKED = "love_can_be_revoked"
    BOUNDARIES_MEAN_ABANDONMENT = "boundaries_mean_abandonment"
    OPENNESS_INVITES_PUNISHMENT = "openness_invites_punishment"


class CrisisLevel(StrEnum):
    """How urgent a danger is; `rank` orders the levels."""

    NONE = "none"
    CONCERN = "concern"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        return list(CrisisLevel).index(self)


class CrisisKind(StrEnum):
    """Whose danger it is, and from what."""

    SELF = "self"
    ANOTHER = "another"
    DANGER_FROM = "danger_from"
    DANGER_TO = "danger_to"
    MEDICAL = "medical"


class ShamingCategory(StrEnum):
    """How a sentence makes a person smaller, the worst first."""

    REVOKING = "revoking"
    CONTEMPT = "contempt"
    LABELLING = "labelling"
    PATHOLOGISING = "pathologising"
    BLAMING = "blaming"
    CONDITIONAL_CARE = "conditional_care"
    COMPLIANCE = "compliance"
    MORALISING = "moralising"
    INVALIDATING = "invalidating"
    MINIMISING = "minimising"
    FORCED_POSITIVITY = "forced_positivity"


class ReflectionKind(StrEnum):
    """What a kept reflection is a moment of."""

    AUTHORSHIP = "authorship"
    CONNECTION = "connection"
    MOMENT = "moment"


@dataclass(frozen=True)
class Policy:
    """How a situation is answered."""

    mode: Mode
    variant: Variant
    moves: tuple[Move, ...]


_BOUNDARY_MOVES = (Move.CLOSE, Move.AUTHOR, Move.HOLD)
_OPENNESS_MOVES = (Move.OPEN, Move.STAY, Move.BESIDE)

POLICY: Mapping[Situation, Policy] = MappingProxyType(
    {
        Situation.MEANING_ATTACKED: Policy(Mode.BOUNDARY, Variant.PLAIN, _BOUNDARY_MOVES),
        Situation.IDENTITY_SHAMED: Policy(Mode.BOUNDARY, Variant.REFUSAL, _BOUNDARY_MOVES),
        Situation.SAFETY_MISSING: Policy(Mode.OPENNESS, Variant.PLAIN, _OPENNESS_MOVES),
        Situation.LOVE_REVOKED: Policy(Mode.OPENNESS, Variant.REMEMBRANCE, _OPENNESS_MOVES),
        Situation.EVERYDAY: Policy(Mode.OPENNESS, Variant.LIGHT, (Move.MEET, Move.ACCOMPANY)),
    }
)

MODE_QUESTION: Mapping[Mode, str] = MappingProxyType(
    {
        Mode.BOUNDARY: "Who gets to define me right now?",
        Mode.OPENNESS: "Am I still held, even now?",
    }
)

RECALLED_FIRST: Mapping[Mode, ReflectionKind] = MappingProxyType(
    {Mode.BOUNDARY: ReflectionKind.AUTHORSHIP, Mode.OPENNESS: ReflectionKind.CONNECTION}
)


@dataclass(frozen=True)
class Span:
    """A stretch of a text: `text[start:end]`, in characters."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]


@dataclass(frozen=True)
class Reflection:
    """A short note the person chose to keep, in their own words.

    One that `stays` never leaves this computer: no model elsewhere is given it.
    """

    id: str
    kind: ReflectionKind
    text: str
    kept_at: datetime
    stays: bool = False


@dataclass(frozen=True)
class CrisisState:
    """Where a crisis stands; remembered across turns and reloads.

    `said` holds the keys of vetted lines already spoken, so that none is spoken twice, and
    `cleared` is true once it ended in this conversation (contacts stay one tap away).
    """

    level: CrisisLevel = CrisisLevel.NONE
    kind: CrisisKind = CrisisKind.SELF
    said: tuple[str, ...] = ()
    cleared: bool = False

    @property
    def active(self) -> bool:
        return self.level is not CrisisLevel.NONE


NO_CRISIS = CrisisState()


@dataclass(frozen=True)
class Contact:
    """A real service a person can reach, with the official source of what is written here."""

    name: str
    how: str
    value: str
    kinds: tuple[str, ...]
    hours: str
    source: str
    source_date: str
    note: str = ""


@dataclass(frozen=True)
class PastTurn:
    """A message and its reply, as the history of a conversation holds them.

    `words` are the stretches of the message that its reading rested on, strongest first;
    `recalled` are the ids of the reflections that the reply was given.
    """

    message: str
    reply: str
    situation: Situation | None = None
    at: datetime | None = None
    words: tuple[Span, ...] = ()
    recalled: tuple[str, ...] = ()


@dataclass(frozen=True)
class TurnInput:
    """All that one pass of the workflow is given. Built from the journal, never kept by the graph.

    `history` is oldest first. `country` is an ISO 3166 alpha-2 code or None. `staying` are all the
    reflections that never leave this computer.
    """

    person: str
    conversation: str
    message: str
    history: tuple[PastTurn, ...] = ()
    crisis: CrisisState = field(default=NO_CRISIS)
    country: str | None = None
    correction: Situation | None = None
    staying: tuple[Reflection, ...] = ()
