"""The companion: takes a message, gives the events of its turn, and keeps the journal true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from companion.domain import NO_CRISIS, CrisisState, PastTurn, Situation, Span, TurnInput
from companion.errors import CompanionError
from companion.events import (
    Crisis,
    Event,
    Finished,
    Reading,
    Recalled,
    Replaced,
    Resumed,
    Sentence,
    TakenOver,
)
from companion.ports import Clock, Journal, Memory, Turn
from companion.text import checked
from companion.workflow import Workflow

REMEMBERED_TURNS = 40
"""Turns of the conversation that a turn may draw on."""


@dataclass(frozen=True)
class Companion:
    """The whole product behind one method; the app, the command line and the evals call it."""

    workflow: Workflow
    journal: Journal
    memory: Memory
    fresh: Callable[[Clock], Companion] | None = None
    """Makes the same Companion with an empty memory and another clock, sharing the models."""
    settle: Callable[[], str | None] | None = None
    """Has a model do at once what the first turn would wait for: read its prompts, and be tried.
    Gives why it does not speak, or None."""
    retire: Callable[[], None] | None = None
    """Frees the language model it speaks through, if there is one."""

    def alone(self, clock: Clock) -> Companion:
        """Give a Companion that shares the models and remembers nothing of this one."""
        if self.fresh is None:
            raise CompanionError("This Companion keeps a journal on disk and cannot be emptied.")
        return self.fresh(clock)

    def ask(self, conversation: str, text: str) -> Turn:
        """Write the message to disk and give its turn. Raises BadInput and JournalError."""
        message = checked(text)
        now = self.workflow.use.clock()
        return Turn(self.journal.ask(conversation, message, now), conversation, message, now)

    def answer(
        self, person: str, turn: Turn, correction: Situation | None = None
    ) -> Iterator[Event]:
        """Yield the turn's events; when they end, the reply is in the journal.

        Drain it: an abandoned iterator leaves the message unanswered, to be answered on reopening.
        """
        before = _before(turn, self.journal.turns(turn.conversation))
        crisis = next((t.crisis for t in reversed(before) if t.crisis), NO_CRISIS)
        country = self.journal.person().country
        record = _Record(crisis)
        history = history_of(before)
        staying = tuple(one for one in self.memory.reflections(person) if one.stays)
        given = TurnInput(
            person, turn.conversation, turn.message, history, crisis, country, correction, staying
        )
        for event in self.workflow.run(given):
            record.note(event)
            if isinstance(event, Finished):
                # Written before it is announced: who hears "finished" may rely on the journal.
                self.journal.answer(record.answered(turn, self.workflow.use.clock()))
            yield event

    def reply(self, person: str, conversation: str, text: str) -> Iterator[Event]:
        """Write the message, then yield the events of its reply."""
        yield from self.answer(person, self.ask(conversation, text))

    def unanswered(self, conversation: str) -> tuple[Turn, ...]:
        """Give the turns whose reply was cut off, oldest first."""
        return tuple(turn for turn in self.journal.turns(conversation) if turn.reply is None)


def _before(turn: Turn, turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    ids = [other.id for other in turns]
    return turns[: ids.index(turn.id)] if turn.id in ids else turns


def history_of(turns: tuple[Turn, ...]) -> tuple[PastTurn, ...]:
    """Give the answered turns as history, oldest first."""
    return tuple(
        PastTurn(
            turn.message,
            turn.reply,
            turn.situation,
            turn.asked_at,
            _words(turn),
            tuple(turn.trace.get("recalled", ())),
        )
        for turn in turns[-REMEMBERED_TURNS:]
        if turn.reply is not None
    )


def _spent(event: Finished) -> dict[str, Any]:
    """Give what the trace holds of a model's requests; nothing when there were none."""
    if not event.usage.requests:
        return {}
    spent: dict[str, Any] = {"usage": asdict(event.usage), "host": event.host}
    if event.cost:
        spent["cost"] = {**asdict(event.cost), "amount": str(event.cost.amount)}
    return spent


def _words(turn: Turn) -> tuple[Span, ...]:
    return tuple(Span(*pair) for pair in turn.trace.get("reading", {}).get("words", ()))


class _Record:
    """Gathers what the journal keeps of a turn: reply and trace, reflections by id only."""

    def __init__(self, crisis: CrisisState) -> None:
        self._crisis = crisis
        self._sentences: list[str] = []
        self._situation: Situation | None = None
        self._trace: dict[str, Any] = {"replaced": []}

    def note(self, event: Event) -> None:
        match event:
            case Crisis():
                self._crisis = event.state
                self._sentences.append(event.text)
                self._trace["contacts"] = [asdict(contact) for contact in event.contacts]
                self._trace["contacts_first"] = event.contacts_first
            case Reading():
                self._situation = event.situation
                self._trace["reading"] = {
                    "situation": event.situation.value,
                    "mode": event.mode.value,
                    "variant": event.variant.value,
                    "also": event.also.value if event.also else None,
                    "old_rule": event.old_rule.value if event.old_rule else None,
                    "probabilities": {k.value: round(v, 4) for k, v in event.probabilities.items()},
                    "help_near": event.help_near,
                    "readers": list(event.readers),
                    "words": [[span.start, span.end] for span in event.words],
                }
            case Recalled():
                self._trace["recalled"] = [reflection.id for reflection in event.reflections]
            case Sentence():
                if isinstance(event, Resumed):
                    self._crisis = event.state
                self._sentences.append(event.text)
            case Replaced():
                self._trace["replaced"].append({"text": event.text, "reason": event.reason})
            case TakenOver():
                self._trace["taken_over"] = event.reason
            case Finished():
                self._trace["voice"] = event.voice
                self._trace["seconds"] = {k: round(v, 4) for k, v in event.seconds.items()}
                self._trace |= _spent(event)
            case _:
                self._trace["offer"] = {"text": event.text, "kind": event.kind.value}

    def answered(self, turn: Turn, at: datetime) -> Turn:
        between = "\n\n" if "contacts" in self._trace else " "
        return replace(
            turn,
            reply=between.join(self._sentences),
            answered_at=at,
            crisis=self._crisis,
            situation=self._situation,
            trace=self._trace,
        )
