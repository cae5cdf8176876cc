"""The country, asked once and quietly. The browser's language is a guess and is never assumed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import streamlit as st

from companion.contacts import Contacts
from companion.ports import Person
from companion.ui import session

UNSAID = ""
_UNSAID_LABEL = "Not listed / rather not say"
_QUESTION = "Which country are you in? The helplines shown depend on it."
_ASKED = "country_asked"


@cache
def contacts() -> Contacts:
    return Contacts()


def asked(person: Person) -> bool:
    """Say whether the person was asked and answered, also with "rather not say"."""
    return person.country is not None or bool(person.settings.get(_ASKED))


def save(person: Person, code: str) -> None:
    session.opened().companion.journal.save_person(
        replace(person, country=code or None, settings={**person.settings, _ASKED: True})
    )


def guess(locale: str | None) -> str:
    """Give the country a locale such as en-GB names, if there are contacts for it."""
    language, _, rest = (locale or "").replace("_", "-").partition("-")
    code = rest.rpartition("-")[2].upper()
    return code if language and code in contacts().countries() else UNSAID


def now_of(person: Person) -> str:
    """Give the country to show first: the one chosen, else the guess."""
    if asked(person):
        return person.country or UNSAID
    return session.opened().settings.country or guess(st.context.locale)


def choose(now: str, key: str, label: str = "Country") -> str:
    """Draw the list of countries and give what is chosen in it."""
    names = {UNSAID: _UNSAID_LABEL, **contacts().countries()}
    codes = list(names)
    return st.selectbox(
        label,
        codes,
        index=codes.index(now) if now in names else 0,
        format_func=names.__getitem__,
        key=key,
        filter_mode="prefix",
    )


def ask(person: Person, key: str) -> None:
    """Ask, where it was not asked before. Nothing is chosen until it is saved."""
    if asked(person):
        return
    with st.form(key, border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        code = choose(now_of(person), f"{key}-country", _QUESTION)
        sent = st.form_submit_button("Save")
    if sent:
        save(person, code)
        st.rerun()
