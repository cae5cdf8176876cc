"""Where words go, in a few of them. It stands where people write, on every drawing of the page."""

from __future__ import annotations

from companion.connection import Connection
from companion.ui.plain import inline


def html(connection: Connection) -> str:
    """Give the badge of the voice that speaks."""
    if connection.host is None:
        kind, said = "badge", "Stays on this computer"
    else:
        kind, said = "badge leaves", f"Words go to {inline(connection.host)}"
    return f'<p class="{kind}" role="note" aria-label="Where your words go">{said}</p>'
