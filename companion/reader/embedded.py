"""Reads messages and judges sentences with linear heads on the shipped embedder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from companion.domain import (
    CrisisKind,
    CrisisLevel,
    OldRule,
    PastTurn,
    ShamingCategory,
    Situation,
    Span,
)
from companion.embedder import Encoded, MiniLM
from companion.ports import MessageReading, SentenceJudgement, Vectors
from companion.reader import heads as heads_file
from companion.reader.features import deep, pairs
from companion.reader.grounds import grounds
from companion.reader.rules import certain_crisis, certainly_blames, only_mentions
from companion.text import in_context, plain, windows

ALSO = 0.25
"""A second situation is named from this probability on."""


class EmbeddedReader:
    """The reader of a bare machine: no language model, one pass of a small encoder a message."""

    def __init__(self, encoder: MiniLM, folder: Path = heads_file.WEIGHTS) -> None:
        self._encoder = encoder
        self._heads = heads_file.load(folder)

    def read(self, message: str, history: Sequence[PastTurn] = ()) -> MessageReading:
        parts = windows(plain(message))
        encoded = [self._encoder.encode(part) for part in parts]
        alone = np.stack([deep(part) for part in encoded])
        vectors = self._with_context(alone, message, history)

        # The last feeling or need stated decides a tie, so later windows weigh more.
        weights = np.arange(1, len(vectors) + 1, dtype=np.float64)
        if len(vectors) > len(alone):
            weights[:] = 1
        situation_head = self._heads["situation"]
        shares = np.average(situation_head.probabilities(vectors), axis=0, weights=weights)
        situations = {Situation(label): float(p) for label, p in zip(situation_head.labels, shares)}
        best, second = sorted(situations, key=lambda name: -situations[name])[:2]

        rule_head = self._heads["old_rule"]
        rule_shares = np.average(rule_head.probabilities(vectors), axis=0, weights=weights)
        rule = rule_head.labels[int(rule_shares.argmax())]

        level, levels = self._crisis(alone, message)
        kind_head = self._heads["crisis_kind"]
        kind = kind_head.labels[int(kind_head.probabilities(alone).max(axis=0).argmax())]

        return MessageReading(
            situations=situations,
            crisis=level,
            crisis_probabilities=levels,
            crisis_kind=CrisisKind(kind),
            old_rule=None if rule == "none" else OldRule(rule),
            also=second if situations[second] >= ALSO else None,
            words=self._grounds(message, parts, encoded, best),
            watch=1 - levels[CrisisLevel.NONE] >= (self._heads["crisis"].watch or 1.0),
        )

    def _with_context(self, alone: Vectors, message: str, history: Sequence[PastTurn]) -> Vectors:
        """A short message is read alone and after the one before it, each weighing half.

        A follow-up means little alone; a change of subject means nothing with what came before.
        """
        together = in_context(message, history[-1].message if history else None)
        if together == plain(message):
            return alone
        return np.stack([alone[0], deep(self._encoder.encode(together))])

    def judge(self, sentences: Sequence[str], message: str) -> tuple[SentenceJudgement, ...]:
        if not sentences:
            return ()
        head = self._heads["shaming"]
        features = pairs(self._encoder.encode, sentences, message)
        judgements = []
        for sentence, shares in zip(sentences, head.probabilities(features)):
            if only_mentions(sentence):
                judgements.append(SentenceJudgement(None, 0.0))
                continue
            if certainly_blames(sentence):
                judgements.append(SentenceJudgement(ShamingCategory.BLAMING, 1.0))
                continue
            by_label = dict(zip(head.labels, shares))
            score = 1 - float(by_label.pop("none"))
            worst = max(by_label, key=lambda label: by_label[label])
            shames = score >= (head.threshold or 0.5)
            judgements.append(SentenceJudgement(ShamingCategory(worst) if shames else None, score))
        return tuple(judgements)

    def _crisis(
        self, vectors: Vectors, message: str
    ) -> tuple[CrisisLevel, Mapping[CrisisLevel, float]]:
        head = self._heads["crisis"]
        shares = head.probabilities(vectors)
        by_label = {CrisisLevel(label): shares[:, i] for i, label in enumerate(head.labels)}
        # Any one window in danger is enough: the danger may stand in the middle of a long message.
        risky = int((1 - by_label[CrisisLevel.NONE]).argmax())
        levels = {level: float(column[risky]) for level, column in by_label.items()}
        level = CrisisLevel.NONE
        if 1 - levels[CrisisLevel.NONE] >= (head.threshold or 0.5):
            level = max((CrisisLevel.CONCERN, CrisisLevel.EMERGENCY), key=lambda name: levels[name])
        return max(level, certain_crisis(message), key=lambda name: name.rank), levels

    def _grounds(
        self, message: str, parts: list[str], encoded: list[Encoded], best: Situation
    ) -> tuple[Span, ...]:
        head = self._heads["situation"]
        weights = head.weights[head.labels.index(best)] - head.weights.mean(axis=0)
        # A long message rests on its last window, where the need is usually said.
        start = len(message) - len(parts[-1])
        return tuple(
            Span(span.start + start, span.end + start)
            for span in grounds(parts[-1], encoded[-1], weights)
        )
