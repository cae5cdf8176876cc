"""Look at everything the product needs on this machine, and say what is wrong in plain words."""

from __future__ import annotations

import os
import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from companion.contacts import STALE_AFTER_DAYS, Contacts
from companion.errors import CompanionError
from companion.settings import Settings

ENOUGH_BYTES = 200_000_000


@dataclass(frozen=True)
class Finding:
    """`mark` is "fine", "note" or "wrong"."""

    mark: str
    about: str
    said: str


def examine(settings: Settings, today: Callable[[], date] = date.today) -> list[Finding]:
    """Give every finding, in the order a person would look."""
    return [
        *_folder("data folder", settings.data),
        *_folder("key folder", settings.keys),
        *_disk(settings.data),
        *_journal(settings),
        *_port(settings.port),
        *_weights(),
        *_contacts(today()),
        *_voice(settings),
    ]


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def _folder(about: str, path: Path) -> Iterator[Finding]:
    existing = _existing(path)
    if not os.access(existing, os.W_OK):
        said = f"{existing} cannot be written to; change its permissions or use another folder."
        yield Finding("wrong", about, said)
    elif path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        said = f"{path} can be read by others on this computer; run: chmod 700 '{path}'"
        yield Finding("note", about, said)
    else:
        yield Finding("fine", about, str(path))


def _disk(path: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(_existing(path)).free
    said = f"{free / 1e9:.1f} GB free"
    if free >= ENOUGH_BYTES:
        yield Finding("fine", "disk", said)
    else:
        yield Finding("wrong", "disk", f"only {said}; make some room.")


def _journal(settings: Settings) -> Iterator[Finding]:
    if not (settings.data / "journal.db").exists():
        yield Finding("fine", "journal", "not begun yet")
        return
    from companion.memory.journal import open_journal

    try:
        journal = open_journal(settings.data, settings.keys)
        kept = len(journal.reflections(journal.person().id))
        journal.close()
        yield Finding("fine", "journal", f"readable; {kept} reflections kept")
    except CompanionError as error:
        yield Finding("wrong", "journal", str(error))


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


def _voice(settings: Settings) -> Iterator[Finding]:
    if settings.gguf and not settings.gguf.is_file():
        said = f"COMPANION_GGUF names {settings.gguf}, which is not a file."
        yield Finding("wrong", "voice", said)
    elif settings.gguf:
        yield Finding("fine", "voice", f"{settings.gguf.name}, on this computer")
    elif settings.base_url and not settings.model:
        said = "COMPANION_BASE_URL is set without COMPANION_MODEL; name the model."
        yield Finding("wrong", "voice", said)
    elif settings.base_url:
        where = f"words go to {settings.host}" if settings.leaves_this_computer else "stays here"
        yield Finding("fine", "voice", f"{settings.model}; {where}")
    else:
        yield Finding("fine", "voice", "embedded; stays on this computer")
