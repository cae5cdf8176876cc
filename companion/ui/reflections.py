"""The reflections that were kept: to read again, change, or forget."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from companion.domain import Reflection
from companion.errors import BadInput
from companion.ports import Person
from companion.ui import frame, keeping, session
from companion.ui.plain import day, paragraphs
from companion.ui.words import KINDS

SHOWN = 50


def page() -> None:
    frame.heading("Reflections")
    person = session.person()
    kept = session.opened().companion.memory.reflections(person.id)[::-1]
    frame.notice()
    if not kept:
        frame.quiet(
            "Nothing is kept here yet, and nothing has to be; when a moment is worth returning to, "
            "it will wait for you on this page in your own words."
        )
        return
    whole = len(kept) <= SHOWN or st.checkbox(f"Show all {len(kept)}")
    for reflection in kept if whole else kept[:SHOWN]:
        _one(person, reflection)


def _one(person: Person, reflection: Reflection) -> None:
    with st.container(border=True, key=f"reflection-{reflection.id}"):
        stays = " · never leaves this computer" if reflection.stays else ""
        st.html(
            f'<h2 class="kept">{KINDS[reflection.kind]} · {day(reflection.kept_at)}{stays}</h2>'
            f"{paragraphs(reflection.text)}"
        )
        change = st.expander(
            "Change", key=f"change-{reflection.id}", type="compact", on_change="rerun"
        )
        if change.open:
            with change:
                _change(person, reflection)
        with st.expander("Forget", key=f"gone-{reflection.id}", type="compact"):
            frame.quiet("This destroys the text for good, here and where a reply quoted it.")
            if st.button("Yes, forget it", key=f"forget-{reflection.id}"):
                session.opened().companion.memory.forget(person.id, [reflection.id])
                session.say_once("Forgotten.")
                st.rerun()


def _change(person: Person, reflection: Reflection) -> None:
    key = f"edit-{reflection.id}"
    kind, stays = reflection.kind, reflection.stays
    answer = keeping.ask("Wording", reflection.text, kind, key, ["Save"], stays=stays)
    if not answer.pressed:
        return
    try:
        text = keeping.checked(answer.wording)
    except BadInput as error:
        frame.problem(str(error))
        return
    changed = replace(reflection, text=text, kind=answer.kind, stays=answer.stays)
    session.opened().companion.memory.edit(person.id, changed)
    session.say_once("Changed.")
    st.rerun()


if __name__ == "__main__":
    page()
