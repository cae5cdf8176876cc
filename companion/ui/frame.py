"""Around every page: the look, *Leave quickly*, and one sentence when something fails."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

import streamlit as st

from companion.errors import CompanionError
from companion.ui import session
from companion.ui.plain import paragraphs

log = logging.getLogger(__name__)

UNEXPECTED = (
    "Something went wrong on this page. The messages you sent are kept; reload the page to go on."
)
_HERE = Path(__file__).parent


@cache
def _file(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def draw() -> None:
    """Put the look and the script on the page. The script is ours and takes no words of anyone."""
    st.html(f"<style>{_file('style.css')}</style>")
    st.html(f"<script>{_file('page.js')}</script>", unsafe_allow_javascript=True)


def run(page: st.Page) -> None:
    """Run a page. What fails is said in one sentence; an exception's text never reaches a log."""
    try:
        page.run()
    except CompanionError as error:
        problem(str(error))
    except Exception as error:
        log.error("A page failed: %s", type(error).__name__)
        problem(UNEXPECTED)


def problem(sentence: str) -> None:
    """Say what is wrong, plainly, for eyes and screen readers."""
    st.html(f'<div class="problem" role="alert">{paragraphs(sentence)}</div>')


def heading(text: str) -> None:
    """Give the page its one first-level heading."""
    st.html(f"<h1>{text}</h1>")


def quiet(text: str) -> None:
    st.html(f'<div class="quiet">{paragraphs(text)}</div>')


def notice(at: str = "") -> None:
    """Show the one quiet line that the last action left, if any, and read it aloud."""
    if sentence := session.said_once(at):
        st.html(f'<div class="quiet" role="status">{paragraphs(sentence)}</div>')
