"""The one place that touches Streamlit's state: what is open, and what this browser tab is doing.

A few keys, nothing else: the conversation shown, a text that could not be sent, one quiet line to
show next, the turns this tab asked for, the models it found on this computer, and how often it gave
a key. Everything that matters is in the journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Thread
from typing import Any

import streamlit as st

from companion import build as composition
from companion.connection import EMBEDDED, Connection
from companion.core import Companion
from companion.ports import Person
from companion.settings import Settings, load_settings
from companion.turns import LiveTurn, Turns
from companion.ui.speaking import Speaking

NEW = "new"
"""Stands for a conversation that begins with the next message."""

_CONVERSATION, _DRAFT, _NOTICE, _ASKED = "conversation", "draft", "notice", "asked"
_NEARBY, _KEYS = "nearby", "keys_given"


@dataclass(frozen=True)
class Opened:
    """What every page of this process shares. Nothing in it is about a visitor."""

    settings: Settings
    turns: Turns
    speaking: Speaking

    @property
    def companion(self) -> Companion:
        return self.turns.companion


@st.cache_resource(show_spinner="Opening…")
def opened() -> Opened:
    """Build the Companion once. Raises CompanionError, and is tried again on the next visit."""
    settings = load_settings()
    # The embedded voice first: a model that cannot be used must not keep the app from opening.
    companion = composition.build(settings, EMBEDDED)
    turns = Turns(companion)
    speaking = Speaking(settings, turns)
    speaking.begin()
    # Beside the page: it can be read and written in while the slow imports happen.
    Thread(target=composition.warm, args=(companion,), daemon=True).start()
    return Opened(settings, turns, speaking)


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


def say_once(sentence: str, at: str = "") -> None:
    """Have one quiet line shown on the next drawing of a page, at its top or where `at` says."""
    st.session_state[_NOTICE + at] = sentence


def said_once(at: str = "") -> str | None:
    sentence: str | None = st.session_state.pop(_NOTICE + at, None)
    return sentence


def follow(live: LiveTurn) -> None:
    """Remember a turn this tab asked for, to show how it went and to have its reply read aloud."""
    st.session_state.setdefault(_ASKED, {})[live.turn.id] = live


def asked(turn: str) -> LiveTurn | None:
    """Give the turn as it went, if this tab asked for it."""
    live: LiveTurn | None = st.session_state.get(_ASKED, {}).get(turn)
    return live


def nearby() -> tuple[Connection, ...] | None:
    """Give the models that were found on this computer, or None before they are looked for."""
    found: tuple[Connection, ...] | None = st.session_state.get(_NEARBY)
    return found


def keep_nearby(found: tuple[Connection, ...]) -> None:
    st.session_state[_NEARBY] = found


def keys_given() -> int:
    """Count the keys this tab gave; the field of the next one is another, and empty."""
    given: int = st.session_state.get(_KEYS, 0)
    return given


def count_key() -> None:
    st.session_state[_KEYS] = keys_given() + 1


def value(field: str) -> Any:
    """Give what stands in a field, by its widget's key."""
    return st.session_state.get(field)


def fill(fields: Mapping[str, str]) -> None:
    """Put texts into fields, by their widgets' keys; before the page is drawn."""
    st.session_state.update(fields)
