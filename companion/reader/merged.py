"""The embedded reader and a language model's reading, as one reader.

Crisis is the union of both: danger that either reads is danger. The situation is weighed: the
model's one answer counts against the embedded reader's probabilities. Sentences are judged by the
embedded reader alone, since a model is never asked to clear its own words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from companion.domain import CrisisLevel, PastTurn
from companion.ports import MessageReading, Reader, SecondReader, SecondReading, SentenceJudgement

WEIGHT = 0.4
"""Of the model's situation. It decides unless the embedded reader is two thirds surer of its own
than of the model's."""


class MergedReader:
    """Implements `ports.Reader` over another one and a second reader. Thread-safe."""

    def __init__(self, reader: Reader, second: SecondReader) -> None:
        self._reader, self._second = reader, second

    def read(self, message: str, history: Sequence[PastTurn] = ()) -> MessageReading:
        first = self._reader.read(message, history)
        if first.crisis is CrisisLevel.EMERGENCY:
            # Nothing could be read that is worse, so nobody waits and nothing is sent.
            return first
        second, usage = self._second.read(message, history)
        if second is None:
            return replace(first, usage=usage)
        readers = (*first.readers, self._second.name)
        return replace(merged(first, second), readers=readers, usage=usage)

    def judge(self, sentences: Sequence[str], message: str) -> tuple[SentenceJudgement, ...]:
        return self._reader.judge(sentences, message)


def merged(first: MessageReading, second: SecondReading) -> MessageReading:
    """Give the union of the dangers read, and the situations weighed."""
    situations = {
        name: (1 - WEIGHT) * share + WEIGHT * (name is second.situation)
        for name, share in first.situations.items()
    }
    best = max(situations, key=lambda name: situations[name])
    others = (first.situation, second.situation, first.also, second.also)
    also = next((one for one in others if one is not None and one is not best), None)
    worse = second.crisis.rank > first.crisis.rank
    return replace(
        first,
        situations=situations,
        also=also,
        crisis=second.crisis if worse else first.crisis,
        crisis_kind=second.crisis_kind if worse else first.crisis_kind,
    )
