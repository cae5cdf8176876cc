"""Before words leave this computer: the question. And a line for a voice that cannot speak."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from companion.connection import EMBEDDED, Connection
from companion.errors import CompanionError
from companion.ui import frame, pages, session
from companion.ui.plain import inline, paragraphs, unmarked


def ask(page: str) -> None:
    """Ask where the chosen voice would have words leave; until then the embedded one speaks."""
    speaking = session.opened().speaking
    asked = speaking.asks
    if asked is None or asked.host is None:
        return
    with st.container(border=True, key="asking", gap="small"):
        # Scrolled to once a page: its answers must not be in sight without it.
        look = f'data-in-view="{page} {inline(asked.host)}"'
        said = paragraphs(_question(asked, asked.host))
        st.html(f'<div class="asked" role="status" {look}>{said}</div>')
        # By host: a press on one question is never the answer to another. And alike: neither
        # answer is the one to press.
        with st.container(horizontal=True):
            label = f"Yes, send them to {unmarked(asked.host)}"
            yes = st.button(label, key=f"yes-{asked.host}")
            no = st.button("No, stay on this computer", key=f"no-{asked.host}")
    if not yes and not no:
        return
    try:
        speaking.agree(asked) if yes else speaking.use(EMBEDDED)
    except CompanionError as error:
        frame.problem(str(error))
    else:
        st.rerun()


def _question(asked: Connection, host: str) -> str:
    parts = urlsplit(asked.base_url or "")
    plain = parts.scheme == "http" and parts.hostname == host
    return (
        f"Your words would go to {host}: each message, this conversation, and reflections that "
        "are recalled for it. Reflections marked “never leaves this computer” stay here. In "
        "danger Companion answers by itself, and no model does."
        + (" The way there is not encrypted." if plain else "")
        + "\n\nUntil you answer, the voice that comes with Companion speaks, on this computer."
    )


def trouble() -> None:
    """Say quietly why the chosen voice does not speak, with the way to where it is chosen."""
    sentence = session.opened().speaking.trouble
    if sentence is None:
        return
    said = f"{sentence} Meanwhile the voice that comes with Companion answers."
    with st.container(gap="xsmall", key="trouble"):
        st.html(f'<p class="quiet" role="status">{inline(said)}</p>')
        st.page_link(pages.settings(), label="Choose a voice in Settings")
