"""Before a language model speaks to anybody, it answers eight authored messages.

A weak model writes fluent nothing, or talks of its instructions, and no rule about single sentences
tells all of it apart. What does is whether its replies belong to the messages: each is compared by
meaning with all eight and should be nearest to its own. How far that tells a weak model from what
we wrote ourselves is in docs/models.md.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime

from companion.cache import folder, put
from companion.domain import POLICY, Situation
from companion.errors import ModelError, PoorReply
from companion.ports import Draft, Embedder, SpeakingBrief, Voice
from companion.prompts import document
from companion.usage import NOTHING_SPENT, Usage

Unfit = Callable[[Draft, SpeakingBrief], str | None]
"""Gives why a sentence may not be shown, or None; the guard does."""

FOLLOWED = 4
"""Replies of the eight that have to be nearest to their own message."""
WITHHELD = 4
"""Sentences that may be withheld, in all eight replies together."""


@dataclass(frozen=True)
class Outcome:
    """`followed` replies were nearest to their own message; `withheld` sentences unfit to show."""

    followed: int
    withheld: int

    @property
    def passed(self) -> bool:
        return self.followed >= FOLLOWED and self.withheld <= WITHHELD

    def said(self, name: str) -> str:
        """Give the outcome in a sentence."""
        found = (
            f"{self.followed} of its {len(document('trial'))} trial replies belonged to their "
            f"message, and {self.withheld} sentences were unfit to be shown"
        )
        if self.passed:
            return f"{name} may speak: {found}."
        return f"{name} does not speak here: {found}. A larger model may do better."


class Trial:
    """One model's trial. It belongs to the model and is remembered in this user's cache.

    `outcome` is None until it has been held. Thread-safe.
    """

    def __init__(self, model: str, unfit: Unfit, embedder: Embedder) -> None:
        self._unfit, self._embedder = unfit, embedder
        # What the model is asked, and by what it is judged, may change with a new version.
        about = json.dumps([model, document("trial"), FOLLOWED, WITHHELD, embedder.name])
        self._file = f"trial-{hashlib.sha256(about.encode()).hexdigest()[:24]}.json"
        self._lock = threading.Lock()
        self.outcome: Outcome | None = None
        with suppress(OSError, ValueError, TypeError):
            self.outcome = Outcome(**json.loads((folder() / self._file).read_bytes()))

    def hold(self, voice: Voice) -> Outcome | None:
        """Hold the trial unless it was; None when the model could not be reached. Never raises."""
        with self._lock:
            if self.outcome is None:
                with suppress(ModelError):
                    self.outcome = self._held(voice)
                    put(self._file, json.dumps(asdict(self.outcome)).encode())
            return self.outcome

    def _held(self, voice: Voice) -> Outcome:
        asked = [row["message"] for row in document("trial")]
        replies, withheld = [], 0
        for row in document("trial"):
            brief = _brief(row["message"], Situation(row["situation"]))
            kept: list[str] = []
            try:
                for draft in voice.speak(brief):
                    if self._unfit(draft, brief):
                        withheld += 1
                    else:
                        kept.append(draft.text)
            except PoorReply:
                withheld += 1
            replies.append(" ".join(kept) or "…")
        nearest = (self._embedder.embed(replies) @ self._embedder.embed(asked).T).argmax(axis=1)
        return Outcome(int((nearest == range(len(asked))).sum()), withheld)


class TriedVoice:
    """Implements `ports.Voice` over a language model's, which speaks once it has passed its trial.

    The first turn sets the trial going, if nobody did before.
    """

    def __init__(self, voice: Voice, trial: Trial) -> None:
        self._voice, self._trial = voice, trial
        self._begun = threading.Event()
        self._last = threading.local()

    @property
    def name(self) -> str:
        return self._voice.name

    @property
    def host(self) -> str | None:
        return self._voice.host

    def hold_trial(self) -> Outcome | None:
        """Hold the trial now, and give its outcome."""
        self._begun.set()
        return self._trial.hold(self._voice)

    def speak(self, brief: SpeakingBrief) -> Iterator[Draft]:
        outcome = self._trial.outcome
        self._last.spoke = outcome is not None and outcome.passed
        if outcome is None:
            if not self._begun.is_set():
                threading.Thread(target=self._tried, name="companion-trial", daemon=True).start()
            raise ModelError(f"{self.name} is still being tried on messages we wrote.")
        if not outcome.passed:
            raise ModelError(outcome.said(self.name))
        yield from self._voice.speak(brief)

    def amend(self, brief: SpeakingBrief, withheld: str, reason: str) -> Draft | None:
        return self._voice.amend(brief, withheld, reason)

    def usage(self) -> Usage:
        return self._voice.usage() if getattr(self._last, "spoke", False) else NOTHING_SPENT

    def _tried(self) -> None:
        # A model that could not be reached is tried again with the next turn.
        if self.hold_trial() is None:
            self._begun.clear()


def _brief(message: str, situation: Situation) -> SpeakingBrief:
    policy = POLICY[situation]
    return SpeakingBrief(
        message=message,
        situation=situation,
        mode=policy.mode,
        variant=policy.variant,
        moves=policy.moves,
        words=(),
        also=None,
        old_rule=None,
        recalled=(),
        history=(),
        now=datetime.now().astimezone(),
    )
