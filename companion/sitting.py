"""The reminder that this is software, after every three hours of one sitting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

EVERY = timedelta(hours=3)
PAUSE = timedelta(hours=1)
"""A longer silence ends a sitting; the next message begins another."""


def reminders(asked: Sequence[datetime], now: datetime) -> tuple[int, ...]:
    """Give the places, 0 to len(asked), before which a reminder stands between messages.

    The time runs from the first message of the sitting and again from each reminder. The last
    place, after all messages, is for someone who is still here three hours on.
    """
    places: list[int] = []
    since = last = None
    for place, at in enumerate([*asked, now]):
        if since is None or last is None or at - last > PAUSE:
            since = at
        elif at - since >= EVERY:
            places.append(place)
            since = at
        last = at
    return tuple(places)
