"""Look at everything the product needs on this machine, and say what is wrong in plain words."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from companion.commands.configured import Configured, configured
from companion.commands.libraries import libraries
from companion.commands.reaching import voices
from companion.contacts import STALE_AFTER_DAYS, Contacts
from companion.errors import CompanionError
from companion.finding import Finding
from companion.settings import Settings

ENOUGH_BYTES = 200_000_000
RELEASED = 2026
"""The year of this version. A clock that shows an earlier one is wrong."""


def examine(
    settings: Settings, today: Callable[[], date] = date.today, *, offline: bool = False
) -> Iterator[Finding]:
    """Yield every finding as it is made, in the order a person would look.

    The voices that are configured are tried last, unless `offline`; nothing a person wrote is sent.
    """
    yield from _folder("data folder", settings.data)
    yield from _folder("key folder", settings.keys)
    yield from _keys_file(settings.keys)
    yield from _disk(settings.data)
    yield from _clock(today())
    yield from _journal(settings, today())
    yield from _port(settings.port)
    yield from libraries()
    yield from _weights()
    yield from _contacts(today())
    yield from voices(settings, _configured(settings), offline=offline)


def _configured(settings: Settings) -> Configured:
    try:
        return configured(settings)
    except CompanionError:
        # A journal that cannot be read is a finding of its own.
        return Configured(settings.connection)


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def _folder(about: str, path: Path) -> Iterator[Finding]:
    existing = _existing(path)
    if not existing.is_dir():
        said = f"{existing} is a file, not a folder; move it away or use another folder."
        yield Finding("wrong", about, said)
    elif not os.access(existing, os.W_OK):
        said = f"{existing} cannot be written to; change its permissions or use another folder."
        yield Finding("wrong", about, said)
    elif path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        said = f"{path} can be read by others on this computer; run: chmod 700 '{path}'"
        yield Finding("note", about, said)
    else:
        yield Finding("fine", about, str(path))


def _keys_file(folder: Path) -> Iterator[Finding]:
    from companion.models.keyring import FILE

    path = folder / FILE
    if not path.exists():
        return
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        said = f"{path} can be read by others on this computer; run: chmod 600 '{path}'"
        yield Finding("wrong", "keys of hosts", said)
    else:
        yield Finding("fine", "keys of hosts", "only you can read them")


def _disk(path: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(_existing(path)).free
    said = f"{free / 1e9:.1f} GB free"
    if free >= ENOUGH_BYTES:
        yield Finding("fine", "disk", said)
    else:
        yield Finding("wrong", "disk", f"only {said}; make some room.")


def _clock(today: date) -> Iterator[Finding]:
    if today.year < RELEASED:
        said = f"it shows {today}, before this version was made; set the date of this computer."
        yield Finding("wrong", "clock", said)
    else:
        yield Finding("fine", "clock", f"{today}")


def _journal(settings: Settings, today: date) -> Iterator[Finding]:
    if not (settings.data / "journal.db").exists():
        yield Finding("fine", "journal", "not begun yet")
        return
    from companion.memory.journal import open_journal

    try:
        journal = open_journal(settings.data, settings.keys)
        person = journal.person().id
        kept = len(journal.reflections(person))
        used = [at.astimezone().date() for _, at in journal.conversations(person)[:1]]
        journal.close()
    except CompanionError as error:
        yield Finding("wrong", "journal", str(error))
        return
    reflections = "1 reflection" if kept == 1 else f"{kept} reflections"
    yield Finding("fine", "journal", f"readable; {reflections} kept")
    if used and used[0] > today:
        said = f"the latest message is of {used[0]}, which is still to come; check the clock."
        yield Finding("note", "clock", said)


def _port(port: int) -> Iterator[Finding]:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            yield Finding("fine", "port", f"{port} is free")
        except OSError:
            said = f"{port} is in use, perhaps by Companion; another: COMPANION_PORT={port + 1}"
            yield Finding("note", "port", said)


def _weights() -> Iterator[Finding]:
    from companion.integrity import damaged

    names = damaged()
    if names:
        said = f"{', '.join(names)} differ from their checksums; install again."
        yield Finding("wrong", "weights", said)
    else:
        yield Finding("fine", "weights", "all checksums match")


def _contacts(today: date) -> Iterator[Finding]:
    contacts = Contacts()
    stale = contacts.stale(today)
    if stale:
        yield Finding(
            "note",
            "contacts",
            f"{stale} of the crisis contacts rest on a source older than {STALE_AFTER_DAYS} days "
            f"(the oldest of {contacts.oldest()}); a person must verify them before a release.",
        )
    else:
        said = "every source is less than a year old; a person must verify them before a release."
        yield Finding("note", "contacts", said)
