"""The one place that touches Streamlit's state: what is open, and what this browser tab is doing.

Four keys, nothing else: the conversation shown, a text that could not be sent, one quiet line to
show next, and the turns this tab asked for. Everything that matters is in the journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from threading import Thread

import streamlit as st

from companion import build as composition
from companion.core import Companion
from companion.ports import Person
from companion.settings import Settings, load_settings
from companion.turns import LiveTurn, Turns

NEW = "new"
"""Stands for a conversation that begins with the next message."""

_CONVERSATION, _DRAFT, _NOTICE, _ASKED = "conversation", "draft", "notice", "asked"


@dataclass(frozen=True)
class Opened:
    """What every page of this process shares. Nothing in it is about a visitor."""

    settings: Settings
    turns: Turns

    @property
    def companion(self) -> Companion:
        return self.turns.companion


@st.cache_resource(show_spinner="Opening…")
def opened() -> Opened:
    """Build the Companion once. Raises CompanionError, and is tried again on the next visit."""
    settings = load_settings()
    companion = composition.build(settings)
    # Beside the page: it can be read and written in while the slow imports happen.
    Thread(target=composition.warm, args=(companion,), daemon=True).start()
    return Opened(settings, Turns(companion))


def now() -> datetime:
    return opened().companion.workflow.use.clock()


def person() -> Person:
    return opened().companion.journal.person()


def conversations() -> tuple[tuple[str, datetime], ...]:
    """Give this person's conversations, the latest first."""
    return opened().companion.journal.conversations(person().id)


def conversation() -> str | None:
    """Give the conversation shown, or None for one yet to begin.

    The address wins, so that a reload changes nothing; then what this tab had open; then the
    latest. Opening one picks up what a stopped process left unanswered.
    """
    known = [id for id, _ in conversations()]
    had = st.session_state.get(_CONVERSATION)
    wanted = st.query_params.get("c") or had
    chosen = NEW if wanted == NEW or not known else wanted if wanted in known else known[0]
    if chosen != had:
        st.session_state[_CONVERSATION] = chosen
        if chosen != NEW:
            opened().turns.resume(person().id, chosen)
    return None if chosen == NEW else chosen


def show(chosen: str) -> None:
    """Open a conversation, or a new one, here and in the address."""
    st.session_state[_CONVERSATION] = chosen
    st.query_params["c"] = chosen
    if chosen != NEW:
        opened().turns.resume(person().id, chosen)


def begun() -> str:
    """Give the conversation shown, started in the journal if it is new."""
    current = conversation()
    if current is None:
        current = opened().companion.journal.start_conversation(person().id, now())
        show(current)
    return current


def draft() -> str | None:
    """Give the text that could not be sent, if there is one."""
    text: str | None = st.session_state.get(_DRAFT)
    return text


def keep_draft(text: str | None) -> None:
    st.session_state[_DRAFT] = text


def say_once(sentence: str) -> None:
    """Have one quiet line shown on the next drawing of a page."""
    st.session_state[_NOTICE] = sentence


def said_once() -> str | None:
    sentence: str | None = st.session_state.pop(_NOTICE, None)
    return sentence


def follow(live: LiveTurn) -> None:
    """Remember a turn this tab asked for, to show how it went and to have its reply read aloud."""
    st.session_state.setdefault(_ASKED, {})[live.turn.id] = live


def asked(turn: str) -> LiveTurn | None:
    """Give the turn as it went, if this tab asked for it."""
    live: LiveTurn | None = st.session_state.get(_ASKED, {}).get(turn)
    return live
