"""Models that already run on this computer: looked for when asked, and picked from a list."""

from __future__ import annotations

import streamlit as st

from companion import build as composition
from companion.connection import Connection
from companion.ui import frame, session

_PICKED = "found"


def label(connection: Connection) -> str:
    """Give a voice's name and where it is."""
    place = connection.path or (connection.base_url or "").partition("://")[2]
    return f"{connection.name} ({place})"


def look() -> None:
    """Draw the button, and what it found; picking one fills the fields below it."""
    if st.button("Look for models on this computer", key="look", type="tertiary"):
        session.keep_nearby(composition.nearby())
    found = session.nearby()
    if found is None:
        return
    if not found:
        frame.quiet("None was found. A model server has to be running to be found.")
        return
    st.selectbox(
        f"Found on this computer: {len(found)}",
        found,
        index=None,
        format_func=label,
        key=_PICKED,
        placeholder="Choose one",
        on_change=_fill,
    )


def _fill() -> None:
    picked: Connection | None = session.value(_PICKED)
    if picked:
        address, model = picked.base_url or "", picked.model or ""
        session.fill({"here-address": address, "here-model": model, "here-file": ""})
