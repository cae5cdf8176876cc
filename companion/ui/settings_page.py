"""Settings: the country, where words go, what is stored, and what *Leave quickly* does not do."""

from __future__ import annotations

import streamlit as st

from companion.ui import country, frame, session, voice
from companion.ui.plain import inline


def page() -> None:
    frame.heading("Settings")
    frame.notice()
    _country()
    voice.section()
    _stored()
    _leaving()


def _country() -> None:
    st.html("<h2>Country</h2>")
    frame.quiet("Decides which helplines are shown. It stays on this computer.")
    person = session.person()
    with st.form("country-settings", border=False):
        code = country.choose(country.now_of(person), "settings-country")
        saved = st.form_submit_button("Save")
    if saved:
        country.save(person, code)
        session.say_once("Saved.")
        st.rerun()
    contacts = country.contacts()
    old = contacts.stale(session.now().date())
    frame.quiet(
        f"Numbers change. The oldest page one was read in is of {contacts.oldest().year}, and "
        f"{old} of the pages are more than a year old. Each is named with the number."
    )


def _stored() -> None:
    opened = session.opened()
    data, keys = inline(str(opened.settings.data)), inline(str(opened.settings.keys))
    st.html(
        "<h2>What is stored</h2>"
        "<p>Messages, replies and reflections are written to the journal, encrypted (AES-256-GCM). "
        "The key lies in a folder of its own: whoever has both folders can read everything, and "
        "without the key nobody can, you included.</p>"
        f"<dl><dt>Data</dt><dd><code>{data}</code></dd><dt>Key</dt><dd><code>{keys}</code></dd></dl>"
        "<p>Dates and kinds of reflections, and the numbers by which they are found again, are "
        "not encrypted. The numbers hold no words, but can give away what a text is about.</p>"
    )
    with st.expander("Forget all conversations", type="compact"):
        frame.quiet(
            "Every message and reply is destroyed for good. Reflections stay; forget those on "
            "their own page."
        )
        if st.button("Yes, forget all conversations for good"):
            person = session.person()
            for id, _ in session.conversations():
                opened.companion.journal.forget_conversation(person.id, id)
            session.say_once("All conversations are forgotten.")
            st.rerun()


def _leaving() -> None:
    st.html(
        "<h2>Leave quickly</h2>"
        "<p>The button, or Esc pressed twice, replaces this page with an empty one at once.</p>"
        "<p>It does not clear the browser’s history, the Back button may lead here again, "
        "Companion keeps running, and the journal stays. A private window leaves no history; "
        "stopping Companion closes the page for everyone at this computer.</p>"
    )


if __name__ == "__main__":
    page()
