"""The conversation: what was said, a box to write in, and little else."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from companion.errors import CompanionError
from companion.ports import Person, Turn
from companion.prompts import document
from companion.sitting import reminders
from companion.text import checked
from companion.turns import LiveTurn
from companion.ui import (
    arriving,
    asking,
    badge,
    country,
    frame,
    pages,
    said,
    session,
    sidebar,
)
from companion.ui.plain import day, paragraphs

_UNSENT = "unsent-text"
SHOWN = 15
"""Turns drawn at once; earlier ones are one button away."""


def page() -> None:
    person, current = session.person(), session.conversation()
    # Right above the message box, so that both are in sight wherever the conversation is read.
    with st.bottom.container(gap="xsmall"):
        pinned = st.empty()
        st.html(badge.html(session.opened().speaking.connection))
    written = st.chat_input("Write what happened, or what it is like", key="message")
    if written:
        waiting = session.draft()
        _send(person, written, waiting)
        if session.draft() != waiting:
            st.session_state[_UNSENT] = session.draft()
        current = session.conversation()
    sidebar.draw(person, current)
    _top()
    turns = session.opened().companion.journal.turns(current) if current else ()
    if line := said.emergency(person, turns):
        pinned.html(line)
    if not turns:
        country.ask(person, "country-start")
    arrivals = _conversation(person, current, turns)
    frame.notice()
    _unsent(person)
    # Followed last: everything else is on the page while a reply arrives.
    for live, place in arrivals:
        arriving.follow(live, place)
    if arrivals:
        # Drawn again from the journal, now that the replies are in it.
        st.rerun()


def _send(person: Person, text: str, waiting: str | None = None) -> None:
    """Send, or keep what cannot be sent where it can be changed, after what waits there already."""
    try:
        # Before a conversation begins for it: what is refused leaves nothing in the journal.
        checked(text)
        session.follow(session.opened().turns.send(person.id, session.begun(), text))
    except CompanionError as error:
        kept = [one for one in (waiting, text) if one and one.strip()]
        session.keep_draft("\n\n".join(kept) or None)
        session.say_once(str(error))
    else:
        session.keep_draft(waiting)


def _top() -> None:
    st.html('<h1 class="unseen">Companion</h1>')
    asking.ask("conversation")
    asking.trouble()
    st.html(f'<div class="quiet">{paragraphs(document("identity")["opening"])}</div>')
    st.page_link(pages.people(), label="People you can reach")


def _conversation(
    person: Person, current: str | None, turns: Sequence[Turn]
) -> list[tuple[LiveTurn, DeltaGenerator]]:
    """Draw the turns; give those still being answered, each with the place for its reply."""
    arrivals = []
    live = {one.turn.id: one for one in session.opened().turns.live(current)} if current else {}
    places = reminders([turn.asked_at for turn in turns], session.now())
    start = _start(len(turns), current)
    carded = max((i for i, turn in enumerate(turns) if "contacts" in turn.trace), default=-1)
    answered = max((i for i, turn in enumerate(turns) if turn.reply is not None), default=-1)
    st.html('<h2 class="unseen">Conversation</h2>')
    for place, turn in enumerate(turns[start:], start):
        if place in places:
            _remind(places.index(place))
        if place == start or day(turn.asked_at) != day(turns[place - 1].asked_at):
            st.html(f'<p class="between quiet">{day(turn.asked_at)}</p>')
        said.message(turn)
        if turn.id in live:
            arrivals.append((live[turn.id], arriving.waiting()))
        elif turn.reply is None:
            _unanswered(person, turn)
        else:
            said.reply(person, turn, card_here=place == carded, last=turn is turns[-1])
            said.beneath(person, turn, latest=place == answered)
    if len(turns) in places:
        _remind(len(places) - 1)
    return arrivals


def _start(count: int, current: str | None) -> int:
    if count <= SHOWN or st.checkbox("Show the whole conversation", key=f"whole-{current}"):
        return 0
    return count - SHOWN


def _remind(which: int) -> None:
    lines = document("identity")["reminder"]
    line = lines[which % len(lines)]
    st.html(f'<div class="between reminder quiet" role="note">{paragraphs(line)}</div>')


def _unanswered(person: Person, turn: Turn) -> None:
    went = session.asked(turn.id)
    if went and went.error:
        frame.problem(went.error)
    else:
        frame.quiet("This has no reply yet. Your message is kept.")
    if st.button("Answer it now", key=f"again-{turn.id}"):
        session.opened().turns.resume(person.id, turn.conversation)
        st.rerun()


def _unsent(person: Person) -> None:
    """Keep a text that could not be sent where it can be changed."""
    draft = session.draft()
    if draft is None:
        return
    with st.form("unsent"):
        # Not given as the default: that would hold for the first text only.
        st.session_state.setdefault(_UNSENT, draft)
        text = st.text_area("Not sent yet", height=220, key=_UNSENT)
        with st.container(horizontal=True):
            sent = st.form_submit_button("Send", type="primary", key="unsent-send")
            dropped = st.form_submit_button("Discard", key="unsent-discard")
    if sent:
        _send(person, text or "")
    if dropped:
        session.keep_draft(None)
    if sent or dropped:
        st.rerun()


if __name__ == "__main__":
    page()
