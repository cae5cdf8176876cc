"""Where a crisis stands in a conversation that is only told: no state is kept between requests.

Each past message goes through triage again. Where triage would have said just what the assistant
is on record as having said, its state is taken over whole: so it is for every conversation that
Companion itself answered with the embedded reader. Where the record holds other vetted text,
because a model read danger too or the client left out how it began, the record decides. Where it
holds none, the danger was never met: nobody asked the question that a bare "no" would answer, so
it stands until the person is safe or moves on, and the next reply begins with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from companion.domain import NO_CRISIS, CrisisLevel, CrisisState, PastTurn
from companion.ports import MessageReading, Reader, SentenceJudgement
from companion.serving.vetted import ENDS, Line, lines_in, over, recorded
from companion.steps.triage import Triage, Triager


class Standing:
    """`state` is where it stands; `met` is whether vetted text was said to it."""

    def __init__(self, triager: Triager) -> None:
        self._triager = triager
        self.state: CrisisState = NO_CRISIS
        self.met = True

    def hear(self, message: str, read: MessageReading, reply: str, under_18: bool) -> bool:
        """Take in an exchange, and say whether the reply was one of the modes'."""
        before, told = self.state, lines_in(reply)
        would = self._triager.triage(message, read, before, None, under_18)
        expected = lines_in(would.crisis.text if would.crisis else would.lead or "")
        if set(told) == set(expected):
            self.state, self.met = would.state, self.met or bool(told)
            return would.crisis is None
        if told:
            return self.hear_reply(told)
        self.state = self._unsaid(read, would)
        return not (before.active or self.state.active)

    def hear_reply(self, told: Sequence[Line]) -> bool:
        """Take in the vetted lines of a reply alone, and say whether it went on in a mode."""
        before, self.state = self.state, recorded(self.state, told)
        self.met = True
        goes_on = {line.name for line in told} <= (ENDS if not before.active else {"resumed"})
        return goes_on and not self.state.active

    def opens(self, message: str, read: MessageReading) -> bool:
        """Say whether the reply to this message has to begin with a danger that was never met."""
        if self.met or not self.state.active:
            return False
        would = self._triager.triage(message, read, self.state, None)
        # An emergency ends with one answer only: that the person is safe, or was misread.
        return self.state.level is not CrisisLevel.EMERGENCY or would.state.active

    def _unsaid(self, read: MessageReading, would: Triage) -> CrisisState:
        """Give the state after a message whose danger the reply on record says nothing to."""
        before = self.state
        ended = not would.state.active
        if ended and (self.met or would.lead or before.level is CrisisLevel.EMERGENCY):
            return over(before)
        if read.crisis.rank > before.level.rank:
            self.met = False
            return replace(before, level=read.crisis, kind=read.crisis_kind)
        return replace(before, level=would.state.level) if self.met else before


class StillUnmet:
    """Implements `ports.Reader` over another: reads an earlier danger into what is said now."""

    def __init__(self, reader: Reader, state: CrisisState) -> None:
        self._reader, self._state = reader, state

    def read(self, message: str, history: Sequence[PastTurn] = ()) -> MessageReading:
        read = self._reader.read(message, history)
        if read.crisis.rank >= self._state.level.rank:
            return read
        return replace(read, crisis=self._state.level, crisis_kind=self._state.kind)

    def judge(self, sentences: Sequence[str], message: str) -> tuple[SentenceJudgement, ...]:
        return self._reader.judge(sentences, message)
