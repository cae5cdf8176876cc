"""The same authored messages through several voices, to be looked at side by side.

Each voice has a Companion of its own in memory, and each message is the first of a conversation.
Nothing of a person's is read or sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from companion.connection import Connection
from companion.core import Companion
from companion.domain import CrisisLevel, Mode, Situation
from companion.errors import CompanionError
from companion.events import Crisis, Finished, Reading, Replaced, Sentence, TakenOver
from companion.prompts import document


@dataclass(frozen=True)
class Contender:
    """A voice under the name it is shown by. `refused` is why it is not asked, if it is not."""

    label: str
    connection: Connection
    refused: str | None = None


@dataclass(frozen=True)
class Answered:
    """What one voice made of one message. `failed` is why it could not be used at all.

    `sentences` were shown, by whichever voice; `finished` says what they took.
    """

    number: int
    message: str
    label: str
    situation: Situation | None = None
    mode: Mode | None = None
    crisis: CrisisLevel = CrisisLevel.NONE
    sentences: tuple[str, ...] = ()
    withheld: tuple[Replaced, ...] = ()
    taken_over: str | None = None
    finished: Finished = field(default_factory=lambda: Finished(""))
    failed: str | None = None

    @property
    def first_seconds(self) -> float | None:
        return self.finished.seconds.get("first")

    @property
    def seconds(self) -> float | None:
        return self.finished.seconds.get("total")


def messages(limit: int | None = None) -> tuple[str, ...]:
    """Give the authored messages, or the first of them."""
    return tuple(document("comparison")[:limit])


def compare(
    contenders: Sequence[Contender],
    asked: Sequence[str],
    make: Callable[[Connection], Companion],
    note: Callable[[str], None] = lambda said: None,
) -> Iterator[Answered]:
    """Yield each voice's answers, one voice after the other, so that one model is held at a time.

    `make` gives a Companion in memory; `note` is told what happens. A voice that cannot be used
    has an answer that says so for every message.
    """
    for contender in contenders:
        note(f"{contender.label}: getting ready")
        try:
            if contender.refused:
                raise CompanionError(contender.refused)
            companion = make(contender.connection)
        except CompanionError as error:
            for number, message in enumerate(asked, 1):
                yield Answered(number, message, contender.label, failed=str(error))
            continue
        try:
            if companion.settle:
                companion.settle()
            for number, message in enumerate(asked, 1):
                note(f"{contender.label}: {number} of {len(asked)}")
                yield _answered(companion, Answered(number, message, contender.label))
        finally:
            if companion.retire:
                companion.retire()


def _answered(shared: Companion, answer: Answered) -> Answered:
    companion = shared.alone(shared.workflow.use.clock)
    person = companion.journal.person().id
    conversation = companion.journal.start_conversation(person, companion.workflow.use.clock())
    for event in companion.reply(person, conversation, answer.message):
        match event:
            case Crisis():
                sentences = (*answer.sentences, event.text)
                answer = replace(answer, crisis=event.state.level, sentences=sentences)
            case Reading():
                answer = replace(answer, situation=event.situation, mode=event.mode)
            case Sentence():
                answer = replace(answer, sentences=(*answer.sentences, event.text))
            case Replaced():
                answer = replace(answer, withheld=(*answer.withheld, event))
            case TakenOver():
                answer = replace(answer, taken_over=event.reason)
            case Finished():
                answer = replace(answer, finished=event)
            case _:
                pass
    return answer
