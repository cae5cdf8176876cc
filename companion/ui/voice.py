"""Settings → Voice: who speaks, where words go for it, and choosing another."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st

from companion.connection import EMBEDDED, Connection
from companion.errors import CompanionError
from companion.ui import asking, badge, frame, nearby, session, trying, typed
from companion.ui.plain import inline, unmarked
from companion.ui.speaking import Speaking
from companion.ui.words import VOICES

OWN = "The voice that comes with Companion"
HERE = "A model on this computer"
HOSTED = "A hosted model"
_AT = "voice"
_KEY_IS_KEPT = (
    "The key is kept in the key folder, readable only by this user account, and never in the "
    "journal."
)


@dataclass(frozen=True)
class Choice:
    """One line of the list. A `connection` of None is still to be typed."""

    label: str
    connection: Connection | None = None
    configured: bool = False


def section() -> None:
    speaking = session.opened().speaking
    name = speaking.connection.name
    st.html(
        f"<h2>Voice</h2><p>Replies are spoken by {inline(VOICES.get(name, name))}.</p>"
        f"{badge.html(speaking.connection)}"
    )
    if speaking.trouble:
        frame.quiet(speaking.trouble)
    asking.ask("settings")
    with st.expander("Choose another voice", key="voices", type="compact"):
        _choose(speaking)
        _kept_keys(speaking)


def _choices(speaking: Speaking) -> list[Choice]:
    offered = [Choice(OWN, EMBEDDED), Choice(HERE), Choice(HOSTED)]
    configured = speaking.configured
    if configured != EMBEDDED:
        label = f"As the environment says: {nearby.label(configured)}"
        offered.append(Choice(label, configured, configured=True))
    offered += [Choice(nearby.label(one), one) for one in speaking.used if one != configured]
    return offered


def _choose(speaking: Speaking) -> None:
    offered = _choices(speaking)
    now = next((i for i, one in enumerate(offered) if one.connection == speaking.wanted), 0)
    choice = st.radio(
        "Voice",
        offered,
        index=now,
        format_func=lambda one: unmarked(one.label),
        key="voice",
        label_visibility="collapsed",
    )
    if choice.label == HERE:
        nearby.look()
    with st.form("voice-form", border=False):
        # Fields that are not asked for are hidden, not taken away: what was typed stays in them.
        with st.container(key=_shown("here", choice.label == HERE), gap="small"):
            here = [
                st.text_input(
                    "Address", key="here-address", placeholder="http://127.0.0.1:8080/v1"
                ),
                st.text_input("Name of the model", key="here-model"),
                st.text_input("Or the path of a .gguf file", key="here-file"),
            ]
            keys = {HERE: _key_field("Key, if the server asks for one", "here")}
        with st.container(key=_shown("hosted", choice.label == HOSTED), gap="small"):
            elsewhere = [
                st.text_input("Address", key="hosted-address", placeholder="https://…/v1"),
                st.text_input("Name of the model", key="hosted-model"),
            ]
            keys[HOSTED] = _key_field("Key", "hosted")
            frame.quiet(_KEY_IS_KEPT)
        with st.container(horizontal=True):
            used = st.form_submit_button("Use this", type="primary")
            tested = st.form_submit_button("Test this connection")
    frame.notice(_AT)
    if not used and not tested:
        return
    given = keys.get(choice.label, "").strip() or None
    try:
        connection = choice.connection or (
            typed.here(*here) if choice.label == HERE else typed.hosted(*elsewhere)
        )
        if tested:
            trying.draw(speaking.tried(connection, given))
        else:
            speaking.use(None if choice.configured else connection, given)
    except CompanionError as error:
        frame.problem(str(error))
        return
    if used:
        _done(speaking, given)


def _key_field(title: str, where: str) -> str:
    # Another field once a key was taken, so that it stands nowhere on the page.
    field = f"{where}-key-{session.keys_given()}"
    return st.text_input(title, key=field, type="password", autocomplete="off") or ""


def _shown(name: str, shown: bool) -> str:
    return f"fields-{name}" if shown else f"unshown-{name}"


def _done(speaking: Speaking, key: str | None) -> None:
    if key:
        session.count_key()
    asks = speaking.asks is not None
    said = "The question above is still to be answered." if asks else "It speaks from now on."
    session.say_once(said, _AT)
    st.rerun()


def _kept_keys(speaking: Speaking) -> None:
    for address in speaking.kept_keys():
        host = unmarked(urlsplit(address).netloc)
        if not st.button(f"Forget the key for {host}", key=f"key-{address}", type="tertiary"):
            continue
        try:
            speaking.forget_key(address)
        except CompanionError as error:
            frame.problem(str(error))
        else:
            session.say_once("The key is forgotten.", _AT)
            st.rerun()
