"""Kept reflections for the benchmark: volume only, from short sentences put together.

They are never shipped, trained on or shown; their meaning is thin, so recall quality is not
measured with them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from companion.domain import Reflection, ReflectionKind

OPENINGS = """
I said no on the telephone.
Nadia waited with me at the station.
The kitchen was warm when I came in.
I put the letter down and did not answer it.
Uncle Bo laughed at my joke about the goat.
I slept six hours in one go.
The nurse used my name.
I told him that word was not mine.
We walked to the weir and back.
I left the meeting when it was over.
My neighbour brought soup in a jam jar.
I sang in the car with the windows up.
I chose the blue paint.
The dog put his head on my foot.
I asked for the day off and took it.
Grandma kept my drawing in her purse.
I stopped explaining halfway through.
The whole choir turned the page together.
I kept the appointment.
Ivo carried the heavy end.
I wrote my own name on the form.
The sea was flat and grey.
I gave the key back.
Priya saved me the window seat.
I did one lap of the park.
""".strip().splitlines()

CLOSINGS = """
That counts.
It was enough for a Tuesday.
I get to decide what it means.
Nobody had to agree.
I want to keep the sound of it.
It did not cost me what I thought.
My hands were steady.
I was not in the way.
The answer is still no.
I felt it in my shoulders.
There was no hurry.
I would do it again.
I ate afterwards.
Somebody was glad.
It is allowed to be small.
I did not say sorry for it.
The light stayed on.
I was asked to come back.
It can stand as it is.
I breathed out at the corner.
They made room.
I heard my own voice.
It rained and I did not mind.
I let it be quiet.
That is mine now.
I noticed the bread.
I was held for a minute.
It is written down.
The shame was there and so was I.
I took the long way.
No one was cross.
I will say it plainly next time.
It was not a test.
I still have the ticket.
We both stayed.
I can put it down.
I trust what I saw.
The door was open.
It belonged to me.
Then I went home.
""".strip().splitlines()


FIRST, DAYS = datetime(2023, 6, 1, 20, tzinfo=UTC), timedelta(days=1_000)


def reflections(count: int = 1_000) -> list[Reflection]:
    """Give distinct reflections, of every kind, spread over 1,000 days."""
    kinds, step = list(ReflectionKind), DAYS / count
    return [
        Reflection(f"bench-{n:04d}", kinds[n % len(kinds)], text(n), FIRST + n * step)
        for n in range(count)
    ]


def text(number: int) -> str:
    """Give the text of a number: two sentences, from the thousandth on two more for each power."""
    more, rest = divmod(number, len(OPENINGS) * len(CLOSINGS))
    opening, closing = divmod(rest, len(CLOSINGS))
    said = f"{OPENINGS[opening]} {CLOSINGS[closing]}"
    return f"{said} {text(more - 1)}" if more else said
