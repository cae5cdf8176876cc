"""A reply as it arrives: sentence by sentence, by following a turn that runs elsewhere.

Following can be cut off at any moment by a click or a new message; nothing is lost, because the
turn goes on without the page and the next drawing attaches to it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from companion.domain import Contact
from companion.events import Crisis, Event, Sentence, TakenOver
from companion.turns import LiveTurn
from companion.ui.plain import inline, paragraphs
from companion.ui.reach import card

_LOOK_UP_SECONDS = 0.3
"""How long to wait for a sentence before letting Streamlit see whether the person did something."""


@dataclass
class Arriving:
    """What has arrived of the reply to a turn."""

    turn: str = ""
    sentences: list[str] = field(default_factory=list)
    vetted: list[str] = field(default_factory=list)
    contacts: tuple[Contact, ...] = ()
    first: bool = False
    taken_over: bool = False

    def note(self, event: Event) -> None:
        match event:
            case Sentence():
                self.sentences.append(event.text)
            case Crisis():
                self.vetted.append(event.text)
                self.contacts, self.first = event.contacts, event.contacts_first
            case TakenOver():
                self.taken_over = True

    def html(self) -> str:
        """Give the reply so far; only the newest sentence comes in gently."""
        if not self.sentences and not self.vetted:
            return '<article class="said reply quiet"><p>Reading what you wrote…</p></article>'
        said = "".join(map(paragraphs, self.vetted))
        if self.sentences:
            *before, newest = map(inline, self.sentences)
            earlier = "".join(f"{sentence} " for sentence in before)
            said += f'<p dir="auto">{earlier}<span class="fresh">{newest}</span></p>'
        people = (
            card(self.contacts, first=self.first, in_view=self.turn if self.first else "")
            if self.contacts
            else ""
        )
        said = f'<article class="said reply">{said}</article>'
        return people + said if self.first else said + people


def waiting() -> DeltaGenerator:
    """Make the place for a reply that has not begun."""
    place = st.empty()
    place.html(Arriving().html())
    return place


def follow(live: LiveTurn, place: DeltaGenerator) -> None:
    """Draw the reply until the turn is done."""
    so_far = Arriving(live.turn.id)
    for event in _events(live):
        if event is not None:
            so_far.note(event)
        # Drawn also when nothing came: here Streamlit may stop this run for a newer one.
        place.html(so_far.html())


def _events(live: LiveTurn) -> Iterator[Event | None]:
    """Yield each event once, and None whenever a while has passed without one."""
    seen = 0
    while True:
        for event in islice(live.follow(_LOOK_UP_SECONDS), seen, None):
            seen += 1
            yield event
        if live.done and seen == len(live.events):
            return
        yield None
