"""Which voice the person chose, and whether they agreed that words leave this computer for it.

Both are kept with the person, encrypted in the journal. A key never is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from companion.connection import EMBEDDED, Connection, connection_from
from companion.ports import Person

REMEMBERED = 6
"""Voices that were used before and can be chosen again."""
_CHOSEN, _USED, _AGREED = "voice", "voices_used", "agreed_hosts"


def chosen(person: Person, configured: Connection) -> Connection:
    """Give the voice the person chose, or the one the environment configures if they chose none."""
    return _read(person.settings.get(_CHOSEN)) or configured


def agreed(person: Person, connection: Connection) -> bool:
    """Say whether words may go where this voice is; on this computer they always may."""
    return connection.host is None or connection.host in person.settings.get(_AGREED, ())


def speaking(person: Person, configured: Connection) -> Connection:
    """Give the voice that may speak now: the chosen one, or the embedded until they agreed."""
    wanted = chosen(person, configured)
    return wanted if agreed(person, wanted) else EMBEDDED


def used_before(person: Person) -> tuple[Connection, ...]:
    """Give the voices that were chosen in the app, the latest first."""
    found = map(_read, person.settings.get(_USED, ()))
    return tuple(one for one in found if one)


def choosing(person: Person, connection: Connection | None) -> Person:
    """Give the person with this voice chosen; None goes by the environment again."""
    settings = dict(person.settings)
    if connection is None:
        settings.pop(_CHOSEN, None)
        return replace(person, settings=settings)
    settings[_CHOSEN] = connection.values()
    if connection != EMBEDDED:
        before = [one.values() for one in used_before(person) if one != connection]
        settings[_USED] = [connection.values(), *before][:REMEMBERED]
    return replace(person, settings=settings)


def agreeing(person: Person, connection: Connection) -> Person:
    """Give the person having agreed that words go where this voice is."""
    hosts = [*person.settings.get(_AGREED, ()), connection.host]
    return replace(person, settings={**person.settings, _AGREED: sorted(set(filter(None, hosts)))})


def _read(values: Mapping[str, Any] | None) -> Connection | None:
    try:
        return connection_from(values) if values else None
    except (AttributeError, ValueError):
        # Written by another version: as if nothing was chosen.
        return None
