"""The pages, found through the package: an installed wheel knows no working folder."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
ICON = _HERE / "icon.svg"


def chat() -> st.Page:
    return st.Page(_HERE / "chat.py", title="Conversation", default=True)


def reflections() -> st.Page:
    return st.Page(_HERE / "reflections.py", title="Reflections", url_path="reflections")


def settings() -> st.Page:
    return st.Page(_HERE / "settings_page.py", title="Settings", url_path="settings")


def people() -> st.Page:
    return st.Page(_HERE / "help.py", title="People you can reach", url_path="people")


def every() -> list[st.Page]:
    """Give the pages in the order of the menu."""
    return [chat(), reflections(), people(), settings()]
