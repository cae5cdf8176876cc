"""Classify: which situation is this message, and so which mode answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from companion.domain import POLICY, PastTurn, Situation, Span
from companion.events import Reading
from companion.ports import MessageReading
from companion.text import words

THREAD = ((6, 0.45), (12, 0.35), (22, 0.25))
"""Up to so many words of a message, so much it is taken to go on in the situation that was held.

"Prove it then" says little by itself. Chosen on the conversations of `evals/voice/data`, against
messages on another subject: docs/voice.md.
"""


SURE = 0.6
"""Share from which a message itself, and not its thread alone, is of the situation."""


def classify(
    reading: MessageReading,
    correction: Situation | None = None,
    unread: bool = False,
    message: str = "",
    history: Sequence[PastTurn] = (),
) -> Reading:
    """Name the situation and its mode. A person's correction decides over any reading.

    `unread`: the message is in a language the reader does not know.
    """
    situations = in_thread(reading.situations, message, history)
    situation = correction or max(situations, key=lambda one: situations[one])
    policy = POLICY[situation]
    return Reading(
        situation=situation,
        mode=policy.mode,
        variant=policy.variant,
        also=reading.also if reading.also is not situation else None,
        old_rule=reading.old_rule,
        probabilities=situations,
        words=reading.words,
        help_near=reading.watch or unread,
        readers=reading.readers,
    )


def grounds(read: MessageReading, reading: Reading) -> tuple[Span, ...]:
    """Give the words a voice may lean on: none, where the thread decided and not the message.

    "I'm lovable, fine" stands in a thread about shame, and must not be quoted as what is refused.
    """
    sure = read.situations[reading.situation] >= SURE
    return reading.words if sure else ()


def in_thread(
    situations: Mapping[Situation, float], message: str, history: Sequence[PastTurn]
) -> Mapping[Situation, float]:
    """Give the shares of a short message, read as part of the thread it stands in."""
    held = history[-1].situation if history else None
    if held is None or held is Situation.EVERYDAY:
        return situations
    length = len(words(message))
    weight = next((weight for longest, weight in THREAD if length <= longest), 0.0)
    return {
        name: (1 - weight) * share + weight * (name is held) for name, share in situations.items()
    }
