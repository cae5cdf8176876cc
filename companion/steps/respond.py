"""Respond: pull a sentence from the voice, guard it, show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from companion.errors import ModelError
from companion.events import Replaced, Sentence, TakenOver
from companion.ports import Draft, SpeakingBrief, Voice
from companion.steps.guard import Guard

Spoken = Sentence | Replaced | TakenOver


def respond(brief: SpeakingBrief, voice: Voice, embedded: Voice, guard: Guard) -> Iterator[Spoken]:
    """Yield guarded sentences. A voice that fails, or shames twice, is replaced, visibly."""
    shown: list[str] = list(brief.already)
    try:
        yield from _spoken(brief, voice, guard, shown, patience=2 if voice is not embedded else 99)
    except ModelError as error:
        yield TakenOver(str(error))
        rest = replace(brief, already=tuple(shown))
        yield from _spoken(rest, embedded, guard, shown, patience=99)
    if not shown:
        draft = embedded.amend(brief, "", "")
        if draft is not None:
            yield Sentence(draft.text)


def _spoken(
    brief: SpeakingBrief, voice: Voice, guard: Guard, shown: list[str], patience: int
) -> Iterator[Spoken]:
    drafts = voice.speak(brief)
    withheld = 0
    for draft in drafts:
        reason = _reason(draft, brief, guard)
        if reason is None:
            shown.append(draft.text)
            yield Sentence(draft.text)
            continue
        yield Replaced(draft.text, reason)
        withheld += 1
        if withheld >= patience:
            close = getattr(drafts, "close", None)
            if close:
                close()
            raise ModelError("The model said things that could shame, so its reply was stopped.")
        amended = voice.amend(replace(brief, already=tuple(shown)), draft.text, reason)
        if amended is None:
            continue
        again = _reason(amended, brief, guard)
        if again is None:
            shown.append(amended.text)
            yield Sentence(amended.text)
        else:
            yield Replaced(amended.text, again)
            withheld += 1
    if not shown and patience < 99:
        raise ModelError("The model gave no reply.")


def _reason(draft: Draft, brief: SpeakingBrief, guard: Guard) -> str | None:
    return guard.check(
        draft,
        brief.message,
        mode=brief.mode,
        recalled=brief.recalled,
        history=brief.history,
    ).reason
