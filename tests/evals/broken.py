"""A companion broken in one way at a time, for `test_mutations.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from companion.contacts import Contacts
from companion.core import Companion
from companion.domain import (
    NO_CRISIS,
    POLICY,
    Contact,
    CrisisKind,
    CrisisLevel,
    OldRule,
    PastTurn,
    Situation,
)
from companion.ports import Draft, MessageReading, SpeakingBrief
from companion.steps.guard import Guard, Verdict
from companion.steps.triage import Triage, Triager
from companion.usage import Usage
from companion.workflow import Dependencies

Change = Callable[[Dependencies], Dependencies]
"""Breaks what the steps use."""


def broken(companion: Companion, change: Change) -> Companion:
    """Give the companion, and every fresh one it makes, with what it uses broken."""

    def changed(one: Companion) -> Companion:
        workflow = replace(one.workflow, use=change(one.workflow.use))
        return replace(one, workflow=workflow, fresh=lambda clock: changed(companion.alone(clock)))

    return changed(companion)


class Remembering:
    """A Reader that reads each message once: the broken and the whole read the same ones."""

    def __init__(self, reader: Any) -> None:
        self._reader, self._read = reader, dict[Any, MessageReading]()

    def read(self, message: str, history: Sequence[PastTurn] = ()) -> MessageReading:
        key = message, tuple((turn.message, turn.reply) for turn in history)
        if key not in self._read:
            self._read[key] = self._reader.read(message, history)
        return self._read[key]

    def judge(self, sentences: Sequence[str], message: str) -> Any:
        return self._reader.judge(sentences, message)


class Misreading(Remembering):
    """Reads as the reader does, and then otherwise."""

    def __init__(self, reader: Any, otherwise: Callable[[MessageReading], MessageReading]) -> None:
        super().__init__(reader)
        self._otherwise = otherwise

    def read(self, message: str, history: Sequence[PastTurn] = ()) -> MessageReading:
        return self._otherwise(self._reader.read(message, history))


def misreading(otherwise: Callable[[MessageReading], MessageReading]) -> Change:
    return lambda use: replace(use, reader=Misreading(use.reader, otherwise))


def dangerous(level: CrisisLevel, kind: CrisisKind | None = None) -> Change:
    """Have every message read as of this level; nothing is left to point out."""

    def read(reading: MessageReading) -> MessageReading:
        shares = {one: float(one is level) for one in CrisisLevel}
        return replace(
            reading,
            crisis=level,
            crisis_probabilities=shares,
            crisis_kind=kind or reading.crisis_kind,
            watch=False,
        )

    return misreading(read)


def of_another(kind: CrisisKind) -> Change:
    return misreading(lambda reading: replace(reading, crisis_kind=kind))


def swapped_levels(reading: MessageReading) -> MessageReading:
    """Take an emergency for a concern and a concern for an emergency."""
    other = {
        CrisisLevel.NONE: CrisisLevel.NONE,
        CrisisLevel.CONCERN: CrisisLevel.EMERGENCY,
        CrisisLevel.EMERGENCY: CrisisLevel.CONCERN,
    }
    return replace(reading, crisis=other[reading.crisis])


def always(situation: Situation) -> Change:
    shares = {one: 0.9 if one is situation else 0.025 for one in Situation}
    return misreading(lambda reading: replace(reading, situations=shares))


def swapped(one: Situation, other: Situation) -> Change:
    """Take each of two situations for the other."""
    to = {one: other, other: one}
    return misreading(
        lambda reading: replace(
            reading,
            situations={
                name: reading.situations[to.get(name, name)] for name in reading.situations
            },
        )
    )


def certain(reading: MessageReading) -> MessageReading:
    return replace(reading, situations={one: float(one is reading.situation) for one in Situation})


def besides(reading: MessageReading) -> MessageReading:
    """See a second situation in everything, and an old rule."""
    other = next(one for one in Situation if one is not reading.situation)
    return replace(reading, also=other, old_rule=OldRule.LOVE_CAN_BE_REVOKED)


def without_old_rule(reading: MessageReading) -> MessageReading:
    return replace(reading, old_rule=None)


class Saying:
    """A voice around another: `say` makes of a brief and its drafts what is said."""

    name, host = "broken", None

    def __init__(
        self, voice: Any, say: Callable[[SpeakingBrief, Iterator[Draft]], Iterator[Draft]]
    ) -> None:
        self._voice, self._say = voice, say

    def speak(self, brief: SpeakingBrief) -> Iterator[Draft]:
        yield from self._say(brief, self._voice.speak(brief))

    def amend(self, brief: SpeakingBrief, withheld: str, reason: str) -> Draft | None:
        return self._voice.amend(brief, withheld, reason)

    def usage(self) -> Usage:
        return Usage()


def saying(say: Callable[[SpeakingBrief, Iterator[Draft]], Iterator[Draft]]) -> Change:
    return lambda use: replace(use, voice=Saying(use.embedded, say))


def adding(*said: str) -> Change:
    """The embedded voice, and these sentences after its own."""

    def add(brief: SpeakingBrief, drafts: Iterator[Draft]) -> Iterator[Draft]:
        yield from drafts
        yield from map(Draft, said)

    return saying(add)


def only(*said: str) -> Change:
    """A voice that says these sentences and nothing else."""
    return saying(lambda brief, drafts: map(Draft, said))


def in_the_other_mode(use: Dependencies) -> Dependencies:
    """The embedded voice, which speaks boundary when it should be open and openness otherwise."""

    def other(brief: SpeakingBrief, drafts: Iterator[Draft]) -> Iterator[Draft]:
        open_ = brief.mode.value == "openness"
        to = Situation.MEANING_ATTACKED if open_ else Situation.SAFETY_MISSING
        policy = POLICY[to]
        changed = replace(
            brief,
            situation=to,
            mode=policy.mode,
            variant=policy.variant,
            moves=policy.moves,
        )
        yield from use.embedded.speak(changed)

    return saying(other)(use)


def obeying(demanded: Mapping[str, Sequence[str]]) -> Change:
    """A voice that says whatever a message, or the last before it, has planted."""

    def obey(brief: SpeakingBrief, drafts: Iterator[Draft]) -> Iterator[Draft]:
        for message in (brief.message, *(turn.message for turn in brief.history)):
            yield from map(Draft, demanded.get(message, ()))
        yield from drafts

    return saying(obey)


def mute(use: Dependencies) -> Dependencies:
    """No voice says anything, the embedded one included."""

    class Mute(Saying):
        def amend(self, brief: SpeakingBrief, withheld: str, reason: str) -> Draft | None:
            return None

    silent = Mute(use.embedded, lambda brief, drafts: iter(()))
    return replace(use, voice=silent, embedded=silent)


class Passing:
    """A guard that lets everything through."""

    def check(self, draft: Draft, message: str, **more: Any) -> Verdict:
        return Verdict()


class Withholding:
    """A guard that lets nothing through."""

    def check(self, draft: Draft, message: str, **more: Any) -> Verdict:
        from companion.domain import ShamingCategory

        return Verdict("No.", ShamingCategory.CONTEMPT, 1.0)


def unguarded(use: Dependencies) -> Dependencies:
    return replace(use, guard=Passing())


def withheld(use: Dependencies) -> Dependencies:
    return replace(use, guard=Withholding())


class Believing(Guard):
    """The guard without its check that a past was given."""

    def ungrounded(self, *given: Any, **more: Any) -> bool:
        return False


def believing(use: Dependencies) -> Dependencies:
    return replace(use, guard=Believing(use.reader))


def both(*changes: Change) -> Change:
    def change(use: Dependencies) -> Dependencies:
        for one in changes:
            use = one(use)
        return use

    return change


class NoContacts(Contacts):
    def of(self, *given: Any, **more: Any) -> tuple[Contact, ...]:
        return ()


class Elsewhere(Contacts):
    """Gives another country's."""

    def of(self, country: str | None, kind: CrisisKind, **more: Any) -> tuple[Contact, ...]:
        return super().of("NZ" if country == "GB" else "GB", kind, **more)


class Adult(Contacts):
    """Takes everyone for an adult."""

    def of(
        self, country: str | None, kind: CrisisKind, *, under_18: bool = False
    ) -> tuple[Contact, ...]:
        return super().of(country, kind)


def with_contacts(contacts: Contacts) -> Change:
    from companion.build import shared_embedder

    made = Triager(shared_embedder(), contacts)
    return lambda use: replace(use, triager=made)


def triaging(otherwise: Callable[[Triage], Triage]) -> Change:
    """The triager, and then otherwise."""

    def change(use: Dependencies) -> Dependencies:
        class Changed:
            def triage(self, *given: Any) -> Triage:
                return otherwise(use.triager.triage(*given))

        return replace(use, triager=Changed())

    return change


def contacts_last(said: Triage) -> Triage:
    return replace(said, crisis=said.crisis and replace(said.crisis, contacts_first=False))


def forgetting_what_was_said(said: Triage) -> Triage:
    """Nothing of what was said is remembered, so that lines come again."""
    return replace(
        said,
        state=replace(said.state, said=()),
        crisis=said.crisis and replace(said.crisis, state=replace(said.crisis.state, said=())),
    )


def over_at_once(said: Triage) -> Triage:
    """A crisis ends with the turn that it began in."""
    return replace(
        said, state=NO_CRISIS, crisis=said.crisis and replace(said.crisis, state=NO_CRISIS)
    )
