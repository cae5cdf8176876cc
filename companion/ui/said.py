"""One turn on the page: what the person wrote, what was answered, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from companion.domain import NO_CRISIS, CrisisLevel, Reflection, Situation
from companion.ports import Person, Turn
from companion.staying import HELD_BACK
from companion.text import sounds_under_18
from companion.ui import country, keeping, pages, reach, session, why
from companion.ui.plain import clock_time, inline, paragraphs
from companion.ui.words import SAID_BY_THE_PERSON


def message(turn: Turn) -> None:
    at = clock_time(turn.asked_at)
    st.html(
        f'<article class="said you"><h3 class="unseen">You, {at}</h3>'
        f"{paragraphs(turn.message)}</article>"
    )


def reply(person: Person, turn: Turn, *, card_here: bool, last: bool) -> None:
    """Draw a finished reply; `card_here` for the crisis turn that shows the contacts."""
    told = f' data-finished="{turn.id} {turn.answered_at}"' if session.asked(turn.id) else ""
    said = (
        f'<article class="said reply"{told}><h3 class="unseen">Companion</h3>'
        f"{paragraphs(turn.reply or '')}</article>"
    )
    if not card_here:
        st.html(said)
        if reason := turn.trace.get("taken_over"):
            st.html(_taken_over(turn, reason))
        read = turn.trace.get("reading", {})
        if read.get("help_near"):
            # Under news or a joke, the word danger would land as an accusation.
            light = read.get("situation") == Situation.EVERYDAY
            label = "People you can reach" if light else "If there is danger, people to reach"
            st.page_link(pages.people(), label=label)
        return
    first = bool(turn.trace.get("contacts_first"))
    # Looked up afresh, so that a country saved since then shows its own numbers.
    kind = (turn.crisis or NO_CRISIS).kind
    under_18 = sounds_under_18(turn.message)
    contacts = country.contacts().of(person.country, kind, under_18=under_18)
    people = reach.card(
        contacts, first=first, in_view=f"{turn.id} answered" if first and last else ""
    )
    st.html(people + said if first else said + people)
    country.ask(person, f"country-{turn.id}")


def _taken_over(turn: Turn, reason: str) -> str:
    if reason == HELD_BACK:
        return f'<p class="quiet">{inline(reason)}</p>'
    return (
        '<p class="quiet">The model could not finish; the voice that comes with Companion '
        f'answered. <button type="button" data-opens="why-{turn.id}">Why?</button></p>'
    )


def emergency(person: Person, turns: Sequence[Turn]) -> str | None:
    """Give the line that keeps the emergency number in sight for as long as an emergency lasts."""
    state = next((turn.crisis for turn in reversed(turns) if turn.crisis), NO_CRISIS)
    if state.level is not CrisisLevel.EMERGENCY:
        return None
    first = country.contacts().of(person.country, state.kind)[0]
    return f'<p class="pinned">In danger now? {reach.link(first)}</p>'


def beneath(person: Person, turn: Turn, *, latest: bool) -> None:
    """Draw what can be asked of a reply, folded away."""
    with st.container(gap="xsmall"):
        with st.expander("Why this reply", key=f"why-{turn.id}", type="compact"):
            st.html(why.explained(turn, lambda: _reflections(person)))
            if latest and "reading" in turn.trace:
                _another_kind(person, turn)
        if latest and keeping.offered(person, turn):
            keeping.offer(person, turn)
        else:
            keeping.anything(person, turn)


def _reflections(person: Person) -> Mapping[str, Reflection]:
    memory = session.opened().companion.memory
    return {reflection.id: reflection for reflection in memory.reflections(person.id)}


def _another_kind(person: Person, turn: Turn) -> None:
    """Let the person correct the reading: they are the one who knows."""
    read_as = Situation(turn.trace["reading"]["situation"])
    answered = turn.answered_at.isoformat() if turn.answered_at else ""
    chosen = st.selectbox(
        "This was another kind of moment",
        [situation for situation in Situation if situation is not read_as],
        index=None,
        format_func=SAID_BY_THE_PERSON.__getitem__,
        placeholder="Choose, and it is answered again",
        key=f"kind-{turn.id}-{answered}",
    )
    if chosen is not None:
        session.follow(session.opened().turns.correct(person.id, turn, chosen))
        st.rerun()
