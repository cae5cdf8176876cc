"""Classify: which situation is this message, and so which mode answers it."""

from __future__ import annotations

from companion.domain import POLICY, Situation
from companion.events import Reading
from companion.ports import MessageReading


def classify(
    reading: MessageReading, correction: Situation | None = None, unread: bool = False
) -> Reading:
    """Name the situation and its mode. A person's correction decides over any reading.

    `unread`: the message is in a language the reader does not know.
    """
    situation = correction or reading.situation
    policy = POLICY[situation]
    return Reading(
        situation=situation,
        mode=policy.mode,
        variant=policy.variant,
        also=reading.also if reading.also is not situation else None,
        old_rule=reading.old_rule,
        probabilities=reading.situations,
        words=reading.words,
        help_near=reading.watch or unread,
    )
