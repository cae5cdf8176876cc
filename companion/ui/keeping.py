"""Keeping a reflection: offered, edited, and kept only with a yes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import uuid4

import streamlit as st

from companion.domain import Reflection, ReflectionKind
from companion.errors import BadInput
from companion.ports import Person, Turn
from companion.text import clean_message
from companion.ui import frame, session
from companion.ui.words import KINDS

LONGEST = 2_000
"""Characters of one reflection."""
_DECIDED = "offers_decided"
_REMEMBERED = 40


def checked(text: str) -> str:
    """Give the wording as it will be kept. Raises BadInput."""
    wording = clean_message(text)
    if not wording:
        raise BadInput("There is nothing to keep yet; write a few words first.")
    if len(wording) > LONGEST:
        raise BadInput(
            f"A reflection can hold {LONGEST:,} characters and this has {len(wording):,}; "
            "shorten it, your text is still here."
        )
    return wording


@dataclass(frozen=True)
class Answer:
    """What stands in the form, and which button was pressed, if any."""

    wording: str
    kind: ReflectionKind
    pressed: str | None
    stays: bool = False


def ask(
    title: str,
    text: str,
    kind: ReflectionKind,
    key: str,
    buttons: Sequence[str],
    *,
    stays: bool | None = None,
) -> Answer:
    """Draw a small form: the editable wording, its kind, and buttons, the first of them the yes.

    With `stays` it also asks whether the wording never leaves this computer.
    """
    with st.form(key):
        wording = st.text_area(title, text, key=f"{key}-wording", height="content")
        home = stays is not None and st.checkbox(
            "Never leaves this computer", stays, key=f"{key}-stays"
        )
        # The buttons keep together when a narrow screen wraps the row.
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.selectbox(
                "What it was",
                list(KINDS),
                index=list(KINDS).index(kind),
                format_func=KINDS.__getitem__,
                key=f"{key}-kind",
                label_visibility="collapsed",
                width=220,
            )
            with st.container(horizontal=True, width="content"):
                pressed = [label for label in buttons if _button(key, label, label == buttons[0])]
    return Answer(wording or "", chosen, pressed[0] if pressed else None, home)


def _button(key: str, label: str, yes: bool) -> bool:
    style: Literal["primary", "secondary"] = "primary" if yes else "secondary"
    return st.form_submit_button(label, key=f"{key}-{label}", type=style)


def offered(person: Person, turn: Turn) -> bool:
    """Say whether this turn offers a wording that was neither kept nor declined yet."""
    text = (turn.trace.get("offer") or {}).get("text")
    return bool(text) and "contacts" not in turn.trace and not _decided(person, turn)


def offer(person: Person, turn: Turn) -> None:
    """Ask once whether the offered wording is worth keeping."""
    wording = turn.trace["offer"]
    answer = ask(
        "Worth keeping? Change anything first.",
        wording["text"],
        ReflectionKind(wording["kind"]),
        f"offer-{turn.id}",
        ["Keep", "Not now"],
        stays=_may_stay(),
    )
    if answer.pressed == "Keep":
        _keep(person, turn, answer)
    elif answer.pressed:
        _decide(person, turn)
        st.rerun()


def anything(person: Person, turn: Turn) -> None:
    """Keep something of any turn, folded away until it is wanted."""
    place = st.expander(
        "Keep something from this", key=f"more-{turn.id}", type="compact", on_change="rerun"
    )
    if not place.open:
        return
    with place:
        kind = ReflectionKind.MOMENT
        key = f"keep-{turn.id}"
        answer = ask("In your words", turn.message, kind, key, ["Keep"], stays=_may_stay())
    if answer.pressed:
        _keep(person, turn, answer)


def _keep(person: Person, turn: Turn, answer: Answer) -> None:
    try:
        text = checked(answer.wording)
    except BadInput as error:
        frame.problem(str(error))
        return
    reflection = Reflection(uuid4().hex, answer.kind, text, session.now(), answer.stays)
    session.opened().companion.memory.keep(person.id, reflection)
    _decide(person, turn)
    session.say_once("Kept. It is with your reflections, where you can change or forget it.")
    st.rerun()


def _may_stay() -> bool | None:
    """Give the unticked box where words leave; elsewhere nobody is bothered with it."""
    return False if session.opened().speaking.connection.leaves else None


def _decided(person: Person, turn: Turn) -> bool:
    return turn.id in person.settings.get(_DECIDED, ())


def _decide(person: Person, turn: Turn) -> None:
    """Remember that this offer was answered, so that a reload does not ask again."""
    decided = [*person.settings.get(_DECIDED, ()), turn.id][-_REMEMBERED:]
    settings = {**person.settings, _DECIDED: decided}
    session.opened().companion.journal.save_person(replace(person, settings=settings))
