"""Keys of model servers: from the environment, or kept in the key folder, never in the journal.

A key belongs to the address it was given for and goes nowhere else.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from companion.connection import Connection
from companion.errors import SettingsError
from companion.settings import Settings

FILE = "model-keys.json"


def key_for(settings: Settings, connection: Connection) -> str | None:
    """Give the key for a connection's address, or None. The environment's is for its address only.

    Raises SettingsError when the kept keys cannot be read.
    """
    if not connection.base_url:
        return None
    here = _place(connection.base_url)
    if settings.api_key and settings.base_url and _place(settings.base_url) == here:
        return settings.api_key.get_secret_value()
    return _kept(settings.keys).get(here)


def keep_key(settings: Settings, base_url: str, key: str | None) -> None:
    """Keep the key for an address in a file only this user can read; None forgets it.

    Raises SettingsError when it cannot be written.
    """
    kept = _kept(settings.keys)
    if key:
        kept[_place(base_url)] = key
    elif kept.pop(_place(base_url), None) is None:
        return
    path = settings.keys / FILE
    fresh = path.with_suffix(".new")
    try:
        settings.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            fresh.unlink()
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w", encoding="utf-8") as file:
            json.dump(kept, file)
        fresh.replace(path)
    except OSError as error:
        raise SettingsError(
            f"The key could not be kept in {settings.keys}; check that you may write there."
        ) from error


def _kept(folder: Path) -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"The kept keys in {folder / FILE} cannot be read; move the file away and enter them "
            "again."
        ) from error
    return kept


def _place(base_url: str) -> str:
    """Give scheme, host and port: what a key is for."""
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
