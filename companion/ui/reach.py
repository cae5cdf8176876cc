"""Contacts as a person in trouble needs them: the number first, large, and nothing to decode."""

from __future__ import annotations

import re
from collections.abc import Iterable

from companion.domain import Contact
from companion.ui.plain import inline

_ABOUT_SOURCES = re.compile(r"\s*\[[^\]]*\]\s*$")
_NOT_DIALLED = re.compile(r"[^0-9+*#]")
_HEADING = "People you can reach now"
_SCHEMES = {"phone": ("tel", "Call"), "text": ("sms", "Text")}


def link(contact: Contact) -> str:
    """Give the number or address, as a link where a device can follow it."""
    shown = inline(contact.value)
    if contact.value.startswith("https://"):
        address = inline(contact.value.removeprefix("https://").removeprefix("www."))
        return f'<a class="reach" href="{shown}" target="_blank">{address}</a>'
    if contact.how in _SCHEMES:
        scheme, verb = _SCHEMES[contact.how]
        number = _NOT_DIALLED.sub("", contact.value)
        return f'<a class="reach" href="{scheme}:{number}">{verb} {shown}</a>'
    return f'<span class="reach">{shown}</span>'


def note(contact: Contact) -> str:
    """Give the note without its last part in brackets, which is about sources."""
    return _ABOUT_SOURCES.sub("", contact.note)


def item(contact: Contact, *, source: bool = False) -> str:
    """Give one contact as a list item; with `source`, where its number was read and when."""
    hours = contact.hours if "not given" not in contact.hours else ""
    about = " · ".join(inline(part) for part in (hours, note(contact)) if part)
    lines = [f'<span class="name">{inline(contact.name)}</span>', link(contact)]
    if about:
        lines.append(f'<span class="small">{about}</span>')
    if source:
        dated = f'<span class="dated">({inline(contact.source_date)})</span>'
        said = f"Source: {inline(contact.source)} {dated}"
        lines.append(f'<span class="small">{said}</span>')
    return f"<li>{''.join(lines)}</li>"


def card(contacts: Iterable[Contact], *, first: bool, in_view: str = "") -> str:
    """Give the card of a crisis; `first` when it stands before the text, in an emergency.

    `in_view` names the turn for which the page is to be scrolled to the card, once.
    """
    kind = "people first" if first else "people"
    items = "".join(map(item, contacts))
    listed = f"<h3>{_HEADING}</h3><ul>{items}</ul>"
    look = f' data-in-view="{inline(in_view)}"' if in_view else ""
    return f'<section class="{kind}" aria-label="{_HEADING}"{look}>{listed}</section>'
