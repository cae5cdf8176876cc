"""Puts what a person corrected beside the turn it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from companion.domain import PastTurn, Situation
from companion.ports import Correction, Turn

Note = tuple[Situation, datetime]
"""What a turn was corrected to, and when."""


def corrected(turns: Sequence[Turn], notes: Mapping[str, Note]) -> tuple[Correction, ...]:
    """Give the corrections, oldest first.

    `turns` are whole conversations, each oldest first; `notes` are by the id of the turn.
    """
    found: list[Correction] = []
    before: dict[str, tuple[PastTurn, ...]] = {}
    for turn in turns:
        history = before.get(turn.conversation, ())
        if turn.id in notes:
            situation, at = notes[turn.id]
            found.append(
                Correction(
                    turn.id,
                    turn.conversation,
                    turn.message,
                    situation,
                    _read_as(turn),
                    history,
                    at,
                )
            )
        if turn.reply is not None:
            past = PastTurn(turn.message, turn.reply, turn.situation, turn.asked_at)
            before[turn.conversation] = (*history, past)
    return tuple(sorted(found, key=lambda one: one.noted_at))


def _read_as(turn: Turn) -> Situation | None:
    """Give the situation that the reading alone had named, or None where there was no reading.

    A corrected turn is answered again as what it was corrected to, which is then its situation;
    the probabilities beside it are still the reading's own.
    """
    shares = turn.trace.get("reading", {}).get("probabilities")
    return Situation(max(shares, key=lambda name: shares[name])) if shares else turn.situation
