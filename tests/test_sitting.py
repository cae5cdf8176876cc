"""When the reminder that this is software is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from companion.sitting import reminders

START = datetime(2025, 11, 4, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "now", "places"),
    [
        ([], 0, ()),
        ([0], 10, ()),
        ([0, 50, 100, 150, 179], 179, ()),
        ([0, 50, 100, 150, 181], 182, (4,)),
        ([0, 50, 100, 150], 185, (4,)),
        ([0, 50, 100, 150, 200, 250, 300, 350, 390], 391, (4, 8)),
        ([0, 50, 300, 350], 351, ()),
        ([0], 600, ()),
    ],
    ids=[
        "nothing said",
        "just begun",
        "under three hours",
        "at the message after three hours",
        "still here after three hours",
        "again after three more",
        "a pause begins another sitting",
        "an old conversation reopened",
    ],
)
def test_a_reminder_after_every_three_hours_of_one_sitting(
    minutes: list[int], now: int, places: tuple[int, ...]
) -> None:
    asked = [START + timedelta(minutes=minute) for minute in minutes]
    assert reminders(asked, START + timedelta(minutes=now)) == places
