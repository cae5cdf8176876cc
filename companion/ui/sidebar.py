"""Beside the conversation: a new one, earlier ones by date, and forgetting."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from companion.ports import Person
from companion.ui import frame, session
from companion.ui.plain import moment

_SHOWN = 30


def draw(person: Person, current: str | None) -> None:
    with st.sidebar:
        if current is not None and st.button("New conversation", width="stretch"):
            session.show(session.NEW)
            st.rerun()
        known = session.conversations()
        if known:
            st.html("<h2>Earlier conversations</h2>")
            _list(known, current)
        if current is not None:
            _forget(person, current)


def _list(known: tuple[tuple[str, datetime], ...], current: str | None) -> None:
    now = session.now()
    for id, used in known[:_SHOWN]:
        if id == current:
            st.html(f'<p aria-current="true">{moment(used, now)} (open)</p>')
        elif st.button(moment(used, now), key=f"open-{id}", type="tertiary"):
            session.show(id)
            st.rerun()
    if len(known) > _SHOWN:
        frame.quiet(f"{len(known) - _SHOWN} older ones are kept and not listed.")


def _forget(person: Person, current: str) -> None:
    with st.expander("Forget this conversation", type="compact"):
        frame.quiet(
            "Its messages and replies are destroyed for good. Reflections you kept from it stay."
        )
        if st.button("Yes, forget it for good", key=f"forget-{current}"):
            session.opened().companion.journal.forget_conversation(person.id, current)
            session.show(session.NEW)
            session.say_once("That conversation is forgotten.")
            st.rerun()
