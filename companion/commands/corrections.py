"""The commands about what a person corrected: list it, and write it as cases of their own.

Only the journal is read, so that they also work while the app is open.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from companion.commands.own_file import closed_folder, replace
from companion.errors import CompanionError
from companion.settings import load_settings

if TYPE_CHECKING:
    from companion.domain import PastTurn
    from companion.ports import Correction

_FILE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)
_SHOWN = 60
"""Characters of a message in the list."""
_UNSAFE = re.compile("[\x85\u2028\u2029\ud800-\udfff]")
"""What some take for the end of a line, and halves of characters, which no file can hold."""


def cases_file(data: Path) -> Path:
    """Give where the cases are exported to, from the data folder."""
    return data / "cases" / "corrections.jsonl"


@click.group()
def corrections() -> None:
    """What you said was another kind of moment: list, export.

    A correction is made in the app, under “Why this reply”.
    """


@corrections.command("list")
def list_corrections() -> None:
    """List every correction, oldest first.

    A line: the date, what it was read as → what you corrected it to, the message's first words.
    """
    found = _own()
    for one in found:
        read_as = one.read_as.value if one.read_as else "?"
        kinds = f"{read_as} → {one.situation.value}"
        click.echo(f"{one.noted_at:%Y-%m-%d}  {kinds:<35}  {_first_words(one.message)}")
    if not found:
        click.echo("There are no corrections.", err=True)


@corrections.command()
@click.argument("file", required=False, type=_FILE)
def export(file: Path | None) -> None:
    """Write every correction to FILE as a case: one JSON object a line.

    Without FILE it is cases/corrections.jsonl in the data folder, where `companion eval --suite
    mine` reads it; - is stdout. A case holds the message and the exchange it was read after.

    The file is not encrypted, and it is a copy of its own: what you forget in the app stays in it
    until you run this again, which replaces the file by what is there now, or removes it when
    there is nothing.
    """
    lines = [_line(one) for one in _own()]
    if file == Path("-"):
        click.echo("".join(lines), nl=False)
        click.echo(_said(len(lines), "stdout"), err=True)
        return
    ours = cases_file(load_settings().data)
    path = file or ours
    try:
        if lines and path == ours:
            closed_folder(path.parent)
        removed = replace(path, "".join(lines))
    except OSError as error:
        raise CompanionError(
            f"{path} cannot be written ({error.strerror}); name another file or check its folder."
        ) from error
    if lines:
        click.echo(_said(len(lines), str(path)))
    elif removed:
        click.echo(f"There are no corrections any more, so {path} was removed.")
    else:
        click.echo("There are no corrections, so nothing was written.")


def _said(count: int, where: str) -> str:
    if not count:
        return "There are no corrections, so nothing was written."
    cases = "1 case" if count == 1 else f"{count} cases"
    return (
        f"Written to {where}: {cases}.\n"
        "It is not encrypted: whoever can open it can read it. Nothing was sent anywhere.\n"
        "It is a copy: what you forget in the app stays in it until you export again or delete it."
    )


def _own() -> tuple[Correction, ...]:
    """Give this person's corrections, making no journal. Raises JournalError."""
    settings = load_settings()
    if not (settings.data / "journal.db").exists():
        return ()
    from companion.memory.journal import open_journal

    journal = open_journal(settings.data, settings.keys)
    try:
        return journal.corrections(journal.person().id)
    finally:
        journal.close()


def _line(one: Correction) -> str:
    row = {
        "id": one.turn,
        "message": one.message,
        "history": _read_after(one.history),
        "situation": one.situation.value,
        "read_as": one.read_as.value if one.read_as else None,
        "noted_on": one.noted_at.date().isoformat(),
    }
    written = json.dumps(row, ensure_ascii=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", written) + "\n"


def _read_after(history: Sequence[PastTurn]) -> list[dict[str, Any]]:
    """Give the exchange a message was read after: the last one outside a crisis.

    No reader looks further back, so no more is written. Its situation is there where it still
    counted, which it does not once a crisis came between.
    """
    spoken = [past for past in history if past.situation is not None]
    if not spoken:
        return []
    last, held = spoken[-1], history[-1].situation
    return [
        {"role": "user", "text": last.message},
        {"role": "companion", "text": last.reply, "situation": held.value if held else None},
    ]


def _first_words(message: str) -> str:
    said = " ".join(message.split())
    return said if len(said) <= _SHOWN else said[: _SHOWN - 1].rstrip() + "…"
