"""Show what people and models write as plain text: no markdown, HTML, link or image comes of it."""

from __future__ import annotations

import re
from datetime import date, datetime
from html import escape

_BLANK_LINES = re.compile(r"\n\s*\n")
_LINKED = re.compile(r":(?=//)|www(?=\.)|(?=@)", re.IGNORECASE)
_MARKS = re.compile(r"[\\`*_\[\]<>~:$&!|#+=()-]")


def inline(text: str) -> str:
    """Give text as HTML that shows the same characters and nothing else."""
    return escape(text, quote=True)


def paragraphs(text: str) -> str:
    """Give text as HTML paragraphs. Each takes its direction from its own letters."""
    pieces = [piece.strip("\n") for piece in _BLANK_LINES.split(text.strip())]
    return "".join(
        f'<p dir="auto">{inline(piece).replace(chr(10), "<br>")}</p>' for piece in pieces if piece
    )


def quoted(text: str) -> str:
    """Give a stretch of somebody's words in quotation marks, its direction kept to itself."""
    return f"<q><bdi>{inline(text)}</bdi></q>"


def written(on: date) -> str:
    """Give a date as people write it: 4 November 2025."""
    return f"{on.day} {on:%B %Y}"


def day(at: datetime) -> str:
    """Give the day of a moment in this computer's time zone."""
    return written(at.astimezone())


def clock_time(at: datetime) -> str:
    return f"{at.astimezone():%H:%M}"


def moment(at: datetime, now: datetime) -> str:
    """Give date and time, the year only where it is another: 4 November, 21:14."""
    said, local = day(at), at.astimezone()
    if local.year == now.astimezone().year:
        said = said.removesuffix(f" {local.year}")
    return f"{said}, {clock_time(at)}"


def unmarked(text: str) -> str:
    """Give text for a label that Streamlit reads as markdown; it shows the same and nothing else.

    Addresses become links even where every sign is escaped, so an invisible joiner parts them.
    """
    parted = _LINKED.sub("\\g<0>\u2060", " ".join(text.split()))
    return _MARKS.sub(r"\\\g<0>", parted)
