"""What the tests of the steps are given: readings, briefs, and voices and readers with a script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from companion.domain import (
    POLICY,
    CrisisKind,
    CrisisLevel,
    PastTurn,
    Reflection,
    ReflectionKind,
    ShamingCategory,
    Situation,
)
from companion.ports import Candidate, Draft, MessageReading, SentenceJudgement, SpeakingBrief
from companion.usage import Usage

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
MESSAGE = "My mum says I'm selfish for not coming home."


def read(
    situation: Situation = Situation.EVERYDAY,
    crisis: CrisisLevel = CrisisLevel.NONE,
    kind: CrisisKind = CrisisKind.SELF,
    *,
    calm: float = 0.5,
    **more: Any,
) -> MessageReading:
    """Give a reading; `calm` is the probability of no crisis."""
    share = (1 - calm) / 2
    given: dict[str, Any] = {
        "situations": {name: 0.6 if name is situation else 0.1 for name in Situation},
        "crisis": crisis,
        "crisis_probabilities": {
            CrisisLevel.NONE: calm,
            CrisisLevel.CONCERN: share,
            CrisisLevel.EMERGENCY: share,
        },
        "crisis_kind": kind,
        "old_rule": None,
        "also": None,
        "words": (),
    }
    return MessageReading(**given | more)


def brief(situation: Situation = Situation.MEANING_ATTACKED, **changes: Any) -> SpeakingBrief:
    policy = POLICY[situation]
    given: dict[str, Any] = {
        "message": MESSAGE,
        "words": (),
        "also": None,
        "old_rule": None,
        "recalled": (),
        "history": (),
        "now": NOON,
    }
    return SpeakingBrief(
        situation=situation,
        mode=policy.mode,
        variant=policy.variant,
        moves=policy.moves,
        **given | changes,
    )


def reflection(
    text: str, kind: ReflectionKind = ReflectionKind.MOMENT, key: str = "one"
) -> Reflection:
    return Reflection(key, kind, text, NOON)


def candidate(
    text: str,
    kind: ReflectionKind = ReflectionKind.MOMENT,
    *,
    similarity: float = 0.6,
    score: float = 1.0,
) -> Candidate:
    return Candidate(reflection(text, kind, text), similarity, score)


class PlainReader:
    """Finds that a sentence shames when it holds a word of its list; reads nothing in messages."""

    def __init__(self, *shaming: str) -> None:
        self.shaming, self.judged = shaming, list[tuple[str, str]]()

    def read(self, message: str, history: Sequence[PastTurn] = ()) -> MessageReading:
        return read()

    def judge(self, sentences: Sequence[str], message: str) -> tuple[SentenceJudgement, ...]:
        self.judged.extend((sentence, message) for sentence in sentences)
        return tuple(
            SentenceJudgement(ShamingCategory.BLAMING, 0.9)
            if any(word in sentence.casefold() for word in self.shaming)
            else SentenceJudgement(None, 0.1)
            for sentence in sentences
        )


class ScriptedVoice:
    """Says its sentences in order; an exception among them is raised where it stands."""

    def __init__(
        self, *script: str | Exception, amends: str | None = None, name: str = "scripted"
    ) -> None:
        self.name, self.script, self.amends = name, script, amends
        self.briefs: list[SpeakingBrief] = []
        self.amended: list[tuple[str, str]] = []
        self.closed = False

    host: str | None = None

    def usage(self) -> Usage:
        return Usage(3, 5, requests=1)

    def speak(self, brief: SpeakingBrief) -> Iterator[Draft]:
        self.briefs.append(brief)
        try:
            for said in self.script:
                if isinstance(said, Exception):
                    raise said
                yield Draft(said)
        except GeneratorExit:
            self.closed = True
            raise

    def amend(self, brief: SpeakingBrief, withheld: str, reason: str) -> Draft | None:
        self.briefs.append(brief)
        self.amended.append((withheld, reason))
        return Draft(self.amends) if self.amends else None
