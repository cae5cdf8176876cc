"""Ordinary diary lines for volume, put together from parts: what a kept memory is searched among.

They are never shipped, trained on or shown, and say nothing of shame, love or a no: whatever is
found among them is found wrongly.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from companion.domain import Reflection, ReflectionKind

DONE = """
Bought oranges
Changed the bulb
Paid the water bill
Cycled to the depot
Filled in the parking form
Ordered printer paper
Swapped the winter tyres
Counted the stock
Watched the second half
Rebooted the router
Sorted the recycling
Cleaned the extractor fan
Renewed the library card
Weighed the parcel
Read the meter
Took the tram
Defrosted the freezer
Painted the skirting board
Tested the smoke alarm
Trimmed the hedge
Returned the drill
Downloaded the timetable
Fixed the hinge
Stacked the chairs
Baked a tray of flapjacks
""".strip().splitlines()

WHERE = """
at the market
near the ring road
in unit seven
behind the post office
on platform two
at the tip
over at the allotments
by the weighbridge
in the back corridor
at number forty
next to the launderette
by the sports hall
at the garden centre
on the third floor
outside the bakery
in the car park
at the corner shop
by the canal lock
in the loft
at the bus garage
""".strip().splitlines()

AFTERWARDS = """
it drizzled
the radio was on
took twenty minutes
cost less than expected
a van was blocking the gate
done before lunch
the lift was out
used the blue tape
had to queue
needed new batteries
""".strip().splitlines()


def lines(count: int) -> Iterator[Reflection]:
    """Yield distinct reflections of every kind, up to 5,000 of them, a day apart."""
    kinds, first = list(ReflectionKind), datetime(2012, 1, 1, 20, tzinfo=UTC)
    # A stride without a common factor mixes the parts, so that any first few differ in all three.
    parts, stride = len(DONE) * len(WHERE) * len(AFTERWARDS), 1_237
    for number in range(min(count, parts)):
        place = number * stride % parts
        done, rest = place % len(DONE), place // len(DONE)
        where, after = rest % len(WHERE), rest // len(WHERE)
        text = f"{DONE[done]} {WHERE[where]}; {AFTERWARDS[after]}."
        when = first + timedelta(days=number)
        yield Reflection(f"volume-{number}", kinds[number % len(kinds)], text, when)
