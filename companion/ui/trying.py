"""A connection that is tried, and what was found, line by line as it comes."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import streamlit as st

from companion.errors import CompanionError
from companion.finding import Finding, Mark
from companion.ui import frame
from companion.ui.plain import inline

MARKS: dict[Mark, str] = {"fine": "works", "note": "note", "wrong": "does not work"}
_GOES_ON = "Testing. Nothing you wrote is sent…"
_ENDED = {True: "Tested: it can be used.", False: "Tested: it cannot be used like this."}


def draw(findings: Iterator[Finding]) -> None:
    """Draw the findings as they come; each is also read aloud, once."""
    found: list[Finding] = []
    place, test = st.empty(), uuid4().hex
    place.html(html(found, _GOES_ON, test))
    try:
        for finding in findings:
            found.append(finding)
            place.html(html(found, _GOES_ON, test))
    except CompanionError as error:
        place.empty()
        frame.problem(str(error))
        return
    works = all(one.mark != "wrong" for one in found)
    place.html(html(found, _ENDED[works], test))


def html(found: list[Finding], state: str, test: str) -> str:
    """Give what was found so far; `test` tells one test from another."""
    lines = "".join(_line(one, f"{test}-{place}") for place, one in enumerate(found))
    return (
        '<section class="found" aria-label="What the test found">'
        f"<ul>{lines}</ul>"
        f'<p class="quiet" data-aloud="{test}-{inline(state)}">{inline(state)}</p></section>'
    )


def _line(finding: Finding, id: str) -> str:
    about = f"{finding.about[:1].upper()}{finding.about[1:]}"
    return (
        f'<li class="{finding.mark}" data-aloud="{id}"><strong>{MARKS[finding.mark]}</strong> · '
        f"{inline(about)}: {inline(finding.said)}</li>"
    )
