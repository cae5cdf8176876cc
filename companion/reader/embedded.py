"""Reads messages and judges sentences with a small fine-tuned encoder and its linear heads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from companion.domain import (
    CrisisKind,
    CrisisLevel,
    OldRule,
    PastTurn,
    ShamingCategory,
    Situation,
    Span,
)
from companion.ports import MessageReading, SentenceJudgement
from companion.reader import heads as heads_file
from companion.reader.encoder import WEIGHTS, Encoder, Read, answered, before
from companion.reader.grounds import grounds
from companion.reader.rules import certain_crisis, never_said, only_mentions

SURE = 0.5
"""Risk from which a message is danger by its context alone."""


class EmbeddedReader:
    """The reader of a bare machine: no language model, one pass of a small encoder a message."""

    def __init__(self, folder: Path = WEIGHTS, *, threads: int = 2) -> None:
        self._encoder = Encoder(folder, threads=threads)
        self._heads = heads_file.load(folder)

    def read(self, message: str, history: Sequence[PastTurn] = ()) -> MessageReading:
        context = before(history)
        windows = self._encoder.windows(message)
        reads = [self._encoder.read(window.of(message), context) for window in windows]
        means = np.stack([read.mean for read in reads])
        situations = {Situation(name): p for name, p in self._shares("situation", means).items()}
        best = max(situations, key=lambda name: situations[name])
        rules = self._shares("old_rule", means)
        rule = max(rules, key=lambda name: rules[name])
        risky, levels = self._danger(means)
        level = self._level(levels)
        if context and level is not CrisisLevel.NONE and self._borrowed(windows, message, levels):
            level = CrisisLevel.NONE
        kinds = self._heads["crisis_kind"]
        kind = kinds.labels[int(kinds.probabilities(means[risky : risky + 1])[0].argmax())]
        stated = certain_crisis(message)
        if stated is CrisisLevel.CONCERN and level is CrisisLevel.NONE:
            # Every concern among the rules is somebody's own wish to be dead or hurt.
            kind = CrisisKind.SELF.value
        return MessageReading(
            situations=situations,
            crisis=max(level, stated, key=lambda name: name.rank),
            crisis_probabilities=levels,
            crisis_kind=CrisisKind(kind),
            old_rule=None if rule == "none" else OldRule(rule),
            also=self._also(means, best),
            words=self._grounds(message, windows[-1], reads[-1], best),
            watch=1 - levels[CrisisLevel.NONE] >= (self._heads["crisis"].watch or 1.0),
        )

    def judge(self, sentences: Sequence[str], message: str) -> tuple[SentenceJudgement, ...]:
        head, context = self._heads["shaming"], answered(message)
        judgements = []
        for sentence in sentences:
            if only_mentions(sentence):
                judgements.append(SentenceJudgement(None, 0.0))
                continue
            if category := never_said(sentence):
                judgements.append(SentenceJudgement(category, 1.0))
                continue
            windows = self._encoder.windows(sentence)
            means = [self._encoder.read(window.of(sentence), context).mean for window in windows]
            shares = head.probabilities(np.stack(means))
            # Any one window that shames is enough.
            risky = shares[int(shares[:, head.labels.index("none")].argmin())]
            by_label = dict(zip(head.labels, risky))
            score = 1 - float(by_label.pop("none"))
            worst = max(by_label, key=lambda label: by_label[label])
            shames = score >= (head.threshold or 0.5)
            judgements.append(SentenceJudgement(ShamingCategory(worst) if shames else None, score))
        return tuple(judgements)

    def _shares(self, head: str, means: NDArray[np.float32]) -> dict[str, float]:
        """Give a head's probabilities over the windows of a message.

        The last feeling or need stated decides a tie, so later windows weigh more.
        """
        weights = np.arange(1, len(means) + 1, dtype=np.float64)
        shares = np.average(self._heads[head].probabilities(means), axis=0, weights=weights)
        return dict(zip(self._heads[head].labels, map(float, shares)))

    def _also(self, means: NDArray[np.float32], best: Situation) -> Situation | None:
        shares = self._shares("also", means)
        others = [name for name in Situation if name is not best]
        second = max(others, key=lambda name: shares[name.value])
        return second if shares[second.value] >= (self._heads["also"].threshold or 0.5) else None

    def _danger(self, means: NDArray[np.float32]) -> tuple[int, dict[CrisisLevel, float]]:
        """Give the window most in danger: it may stand in the middle of a long message."""
        head = self._heads["crisis"]
        shares = head.probabilities(means)
        risky = int(shares[:, head.labels.index(CrisisLevel.NONE.value)].argmin())
        return risky, {CrisisLevel(n): float(p) for n, p in zip(head.labels, shares[risky])}

    def _borrowed(
        self, windows: Sequence[Span], message: str, levels: dict[CrisisLevel, float]
    ) -> bool:
        """Say whether the danger is all in what came before: "yeah" is none by itself.

        Then the context has to say it more surely than not.
        """
        if 1 - levels[CrisisLevel.NONE] >= SURE:
            return False
        alone = np.stack([self._encoder.read(window.of(message)).mean for window in windows])
        risk = 1 - self._danger(alone)[1][CrisisLevel.NONE]
        return risk < (self._heads["crisis"].threshold or 0.5)

    def _level(self, levels: dict[CrisisLevel, float]) -> CrisisLevel:
        if 1 - levels[CrisisLevel.NONE] < (self._heads["crisis"].threshold or 0.5):
            return CrisisLevel.NONE
        return max((CrisisLevel.CONCERN, CrisisLevel.EMERGENCY), key=lambda name: levels[name])

    def _grounds(self, message: str, window: Span, read: Read, best: Situation) -> tuple[Span, ...]:
        """A long message rests on its last window, where the need is usually said."""
        head = self._heads["situation"]
        weights = head.weights[head.labels.index(best.value)] - head.weights.mean(axis=0)
        return tuple(
            Span(span.start + window.start, span.end + window.start)
            for span in grounds(window.of(message), read, weights)
        )
