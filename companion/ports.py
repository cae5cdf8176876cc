"""What the core asks of the outside, in the words of the domain.

Each port has one contract test (`tests/contracts`) that every adapter passes. All of them stand in
one file, though it is long, so that what the core needs of the world can be read on one page.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from companion.domain import (
    CrisisKind,
    CrisisLevel,
    CrisisState,
    Mode,
    Move,
    OldRule,
    PastTurn,
    Reflection,
    ReflectionKind,
    ShamingCategory,
    Situation,
    Span,
    Variant,
)
from companion.usage import NOTHING_SPENT, Usage

Vectors = NDArray[np.float32]
Clock = Callable[[], datetime]
"""Gives the present moment, timezone-aware."""


class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def name(self) -> str:
        """Identifies model and quantisation; an index made by another name is rebuilt."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Gives shape (len(texts), dimensions), rows of length 1; a row never depends on others."""


@dataclass(frozen=True)
class MessageReading:
    """Probabilities sum to 1 within each mapping. `words` are strongest first.

    `watch` says that danger is not read but cannot be ruled out: help is pointed out, no more.
    `readers` names who read it, the embedded reader first; `usage` is what a model's reading cost.
    """

    situations: Mapping[Situation, float]
    crisis: CrisisLevel
    crisis_probabilities: Mapping[CrisisLevel, float]
    crisis_kind: CrisisKind
    old_rule: OldRule | None
    also: Situation | None
    words: tuple[Span, ...]
    watch: bool = False
    readers: tuple[str, ...] = ("embedded",)
    usage: Usage = NOTHING_SPENT

    @property
    def situation(self) -> Situation:
        return max(self.situations, key=lambda situation: self.situations[situation])


@dataclass(frozen=True)
class SecondReading:
    """How a language model reads a message: its one answer, without probabilities."""

    situation: Situation
    also: Situation | None
    crisis: CrisisLevel
    crisis_kind: CrisisKind


class SecondReader(Protocol):
    """A language model that reads too."""

    @property
    def name(self) -> str: ...

    def read(
        self, message: str, history: Sequence[PastTurn] = ()
    ) -> tuple[SecondReading | None, Usage]:
        """Gives the reading, None when there is none in time or none to be believed; its cost."""


@dataclass(frozen=True)
class SentenceJudgement:
    """Whether one sentence of a reply shames; `category` is None when it does not.

    `score` is the probability, 0 to 1, that it shames in any category.
    """

    category: ShamingCategory | None
    score: float


class Reader(Protocol):
    """Reads what a person writes, and judges what a reply says."""

    def read(self, message: str, history: Sequence[PastTurn] = ()) -> MessageReading: ...

    def judge(self, sentences: Sequence[str], message: str) -> tuple[SentenceJudgement, ...]: ...


@dataclass(frozen=True)
class SpeakingBrief:
    """All a voice may know when it speaks: one mode, the message, what was recalled.

    `already` holds the sentences of this reply that were shown before this voice took over, and
    `staying` all the reflections that never leave this computer.
    """

    message: str
    situation: Situation
    mode: Mode
    variant: Variant
    moves: tuple[Move, ...]
    words: tuple[Span, ...]
    also: Situation | None
    old_rule: OldRule | None
    recalled: tuple[Reflection, ...]
    history: tuple[PastTurn, ...]
    now: datetime
    already: tuple[str, ...] = ()
    staying: tuple[Reflection, ...] = ()


@dataclass(frozen=True)
class Draft:
    """One sentence as a voice says it, before the guard.

    `source` is the authored sentence before its slots were filled, and `context` the authored
    message it was written for; both None for a model's words.
    """

    text: str
    source: str | None = None
    context: str | None = None


class Voice(Protocol):
    """Speaks in the brief's one mode."""

    @property
    def name(self) -> str:
        """Shown to the person, such as "embedded" or a model's name."""

    @property
    def host(self) -> str | None:
        """Names the host that words leave this computer for, or None when they stay."""

    def speak(self, brief: SpeakingBrief) -> Iterator[Draft]:
        """Yields whole sentences. Raises ModelError when it cannot go on."""

    def amend(self, brief: SpeakingBrief, withheld: str, reason: str) -> Draft | None:
        """Gives another sentence for a withheld one, once, or None."""

    def usage(self) -> Usage:
        """Gives the tokens of this thread's last `speak`, with its amendments."""


@dataclass(frozen=True)
class ChatMessage:
    """One message of a Chat Completions request."""

    role: str
    content: str


@dataclass(frozen=True)
class Ended:
    """How a reply ended: `reason` is "stop" or "length"; tokens None if the server says none."""

    reason: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None


class ChatModel(Protocol):
    """An OpenAI-compatible chat endpoint."""

    @property
    def name(self) -> str: ...

    @property
    def host(self) -> str | None:
        """Names the host that words leave this computer for, or None when they stay."""

    def stream(
        self,
        messages: Sequence[ChatMessage],
        *,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
    ) -> Generator[str, None, Ended]:
        """Yields text as it comes. Closing the iterator stops generation. Raises ModelError.

        With `schema`, a JSON schema, the server is asked to write nothing but JSON of it; a server
        that knows no schemas raises SchemaRefused.
        """

    def count(self, messages: Sequence[ChatMessage]) -> int:
        """Gives the tokens these messages cost, never fewer than the truth by design."""

    @property
    def counted_by(self) -> str:
        """Says who counts: "tiktoken", "the server" or "an estimate"."""

    @property
    def context(self) -> int:
        """Gives the context window, in tokens."""

    def close(self) -> None:
        """Frees what it holds. Safe to call twice."""


@dataclass(frozen=True)
class Entry:
    """What the index holds of a reflection: no text."""

    id: str
    vector: Vectors
    kind: ReflectionKind
    kept_on: str


@dataclass(frozen=True)
class Hit:
    """A neighbour by meaning; `similarity` is the cosine, -1 to 1."""

    id: str
    similarity: float


class Index(Protocol):
    """Finds a person's reflections by meaning. Derived data: the journal can always remake it."""

    def ids(self, person: str) -> frozenset[str]: ...

    def put(self, person: str, entries: Sequence[Entry]) -> None:
        """Adds or replaces."""

    def search(self, person: str, vector: Vectors, limit: int) -> tuple[Hit, ...]:
        """Gives the nearest, best first. Unknown people have nothing."""

    def erase(self, person: str, ids: Sequence[str]) -> None:
        """Removes entries so that their vectors are gone from the disk too."""

    def marked(self, person: str) -> str | None:
        """Gives what `mark` noted, or None when the entries changed or were damaged since."""

    def mark(self, person: str, of: str) -> None:
        """Notes which embedder and journal revision the person's entries now stand for."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class Candidate:
    """A reflection that may bear on a message.

    `similarity` is the cosine, for the floor; `score` fuses meaning and words, for the order.
    """

    reflection: Reflection
    similarity: float
    score: float


class Memory(Protocol):
    """The person's reflections: journal, index and word search as one."""

    def reflections(self, person: str) -> tuple[Reflection, ...]:
        """Gives all, oldest first."""

    def candidates(self, person: str, message: str, limit: int = 20) -> tuple[Candidate, ...]:
        """Gives what may bear on the message, best first."""

    def keep(self, person: str, reflection: Reflection) -> None: ...

    def edit(self, person: str, reflection: Reflection) -> None: ...

    def forget(self, person: str, ids: Sequence[str]) -> None:
        """Destroys text and vectors for good."""


@dataclass(frozen=True)
class Person:
    """Who this is, as little as possible. `country` is ISO 3166 alpha-2, or None until asked."""

    id: str
    country: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Turn:
    """A message and, once answered, its reply.

    `trace` is what *Why this reply* shows, as plain JSON values; it holds reflections by id only.
    """

    id: str
    conversation: str
    message: str
    asked_at: datetime
    reply: str | None = None
    answered_at: datetime | None = None
    crisis: CrisisState | None = None
    situation: Situation | None = None
    trace: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Correction:
    """A message that its author said was another kind of moment.

    `turn` is that turn's id. `read_as` is what the reading had made of it, None where that is not
    known. `history` are the answered turns before it in the conversation, oldest first; those of a
    crisis have no situation.
    """

    turn: str
    conversation: str
    message: str
    situation: Situation
    read_as: Situation | None
    history: tuple[PastTurn, ...]
    noted_at: datetime


class Journal(Protocol):
    """The source of truth; text is encrypted at rest. Every method can raise JournalError."""

    def person(self) -> Person:
        """Gives the one person of this computer, made on the first call."""

    def save_person(self, person: Person) -> None: ...

    def start_conversation(self, person: str, at: datetime) -> str: ...

    def conversations(self, person: str) -> tuple[tuple[str, datetime], ...]:
        """Gives ids and when they were last used, latest first."""

    def forget_conversation(self, person: str, conversation: str) -> None: ...

    def ask(self, conversation: str, message: str, at: datetime) -> str:
        """Writes the message, to disk, before it is answered; gives the turn's id."""

    def answer(self, turn: Turn) -> None:
        """Writes `reply`, `answered_at`, `crisis`, `situation` and `trace` of that turn."""

    def turns(self, conversation: str) -> tuple[Turn, ...]:
        """Gives all turns, oldest first."""

    def keep(self, person: str, reflection: Reflection) -> None: ...

    def edit(self, person: str, reflection: Reflection) -> None:
        """Replaces all but its date. Raises JournalError when there is no such reflection."""

    def forget(self, person: str, ids: Sequence[str]) -> None:
        """Destroys the text for good, also where a reply quoted it."""

    def reflections(self, person: str) -> tuple[Reflection, ...]:
        """Gives all, oldest first."""

    def revision(self, person: str) -> str:
        """Gives a token that changes with every kept, edited or forgotten reflection."""

    def correct(self, turn: str, situation: Situation, at: datetime) -> None:
        """Notes that this was another kind of moment, instead of what was noted before."""

    def corrections(self, person: str) -> tuple[Correction, ...]:
        """Gives all, oldest first; of a turn corrected again, the last."""

    def close(self) -> None: ...
