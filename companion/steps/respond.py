"""Respond: pull a sentence from the voice, guard it, show it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from typing import cast

from companion.errors import ModelError
from companion.events import Replaced, Sentence, TakenOver
from companion.ports import Draft, SpeakingBrief, Voice
from companion.staying import outgoing
from companion.steps.guard import Guard

Spoken = Sentence | Replaced | TakenOver

WITHHELD_TWICE = 2
_STOPPED = "Two sentences of the model had to be withheld, so its reply was stopped."


def respond(brief: SpeakingBrief, voice: Voice, embedded: Voice, guard: Guard) -> Iterator[Spoken]:
    """Yield guarded sentences. A voice that fails, or is withheld twice, is replaced, visibly."""
    shown: list[str] = list(brief.already)
    try:
        # A voice elsewhere is told, and so may speak of, only what may leave this computer.
        told = outgoing(brief) if voice.host else brief
        yield from _spoken(told, voice, guard, shown, replaceable=voice is not embedded)
    except ModelError as error:
        yield TakenOver(str(error))
        rest = replace(brief, already=tuple(shown))
        yield from _spoken(rest, embedded, guard, shown, replaceable=False)
    if not shown:
        least = embedded.amend(brief, "", "")
        if least is not None and _reason(least, brief, guard) is None:
            yield Sentence(least.text)


def _spoken(
    brief: SpeakingBrief, voice: Voice, guard: Guard, shown: list[str], *, replaceable: bool
) -> Iterator[Spoken]:
    withheld = 0
    # Closed on every way out, so that a model stops generating what nobody will read.
    with closing(cast("Generator[Draft]", voice.speak(brief))) as drafts:
        for draft in drafts:
            reason = _reason(draft, brief, guard)
            if reason:
                yield Replaced(draft.text, reason)
                withheld += 1
                if replaceable and withheld >= WITHHELD_TWICE:
                    raise ModelError(_STOPPED)
                amended = voice.amend(replace(brief, already=tuple(shown)), draft.text, reason)
                if amended is None:
                    continue
                draft, reason = amended, _reason(amended, brief, guard)
            if reason:
                yield Replaced(draft.text, reason)
                withheld += 1
                if replaceable and withheld >= WITHHELD_TWICE:
                    raise ModelError(_STOPPED)
                continue
            shown.append(draft.text)
            yield Sentence(draft.text)
    if not shown and replaceable:
        raise ModelError("The model gave no reply.")


def _reason(draft: Draft, brief: SpeakingBrief, guard: Guard) -> str | None:
    return guard.check(
        draft,
        brief.message,
        mode=brief.mode,
        recalled=brief.recalled,
        history=brief.history,
    ).reason
