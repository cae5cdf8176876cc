"""The encryption key and the cipher. The key lives in a folder of its own, apart from the data."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from companion.errors import JournalError

KEY_FILE = "journal.key"
_LABEL = "companion-key-1"
_VERSION = b"\x01"
_NONCE = 12


class Cipher:
    """AES-256-GCM for one text at a time. Thread-safe.

    `about` names the row and column a text belongs to; a text moved elsewhere does not open.
    """

    def __init__(self, key: bytes, source: str = "the key it was opened with") -> None:
        if len(key) != 32:
            raise JournalError("The journal's key must be 32 bytes long.")
        self._aead = AESGCM(key)
        self._source = source

    def seal(self, text: str, about: str) -> bytes:
        """Give the sealed form of any text, lone surrogates included."""
        nonce = os.urandom(_NONCE)
        plain = text.encode("utf-8", "surrogatepass")
        return _VERSION + nonce + self._aead.encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, about: str) -> str:
        """Give the text back. Raises JournalError for another key or place, or a changed byte."""
        try:
            if sealed[:1] != _VERSION:
                raise InvalidTag
            nonce, rest = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
            return self._aead.decrypt(nonce, rest, about.encode()).decode("utf-8", "surrogatepass")
        except (InvalidTag, ValueError) as error:
            raise JournalError(
                f"A text in the journal ({about}) cannot be opened with {self._source}: the key is "
                "another one or the text was changed. Put back the key and journal that belong "
                "together; nothing was overwritten."
            ) from error


def load_cipher(folder: Path, *, data_exists: bool) -> Cipher:
    """Give the cipher of the key in `folder`, making the key on the very first start.

    Permissions that let others read the key are tightened. Raises JournalError when the key is
    damaged, cannot be read or written, or is missing while there is data it would have to open.
    """
    path = folder / KEY_FILE
    try:
        if not path.exists():
            if data_exists:
                raise JournalError(
                    f"The journal's key {path} is missing, so the journal cannot be opened. Put "
                    "the key back, or move the journal aside to start a new one."
                )
            _make_key(path)
        _tighten(path)
        return Cipher(_parse(path.read_bytes(), path), f"the key {path}")
    except OSError as error:
        raise JournalError(
            f"The journal's key {path} cannot be used ({error.strerror}). Check the permissions "
            "and the free space of its folder."
        ) from error


def _make_key(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = secrets.token_bytes(32)
    line = f"{_LABEL} {key.hex()} {_check(key)}\n".encode()
    fresh = path.with_name(f".{KEY_FILE}.{secrets.token_hex(8)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        # A link appears whole or not at all, and never replaces the key another process just made.
        with suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _tighten(path: Path) -> None:
    for place, mode in ((path.parent, 0o700), (path, 0o600)):
        if os.name != "posix" or not stat.S_IMODE(place.stat().st_mode) & 0o077:
            continue
        try:
            place.chmod(mode)
        except OSError as error:
            raise JournalError(
                f"Others can read {place}, which holds the journal's key. "
                f"Run: chmod {mode:o} '{place}'"
            ) from error


def _parse(content: bytes, path: Path) -> bytes:
    try:
        label, key, check = content.decode("ascii").split()
        found = bytes.fromhex(key)
        if label == _LABEL and len(found) == 32 and check == _check(found):
            return found
    except ValueError:
        pass
    raise JournalError(
        f"The journal's key {path} is damaged. Put back a copy of it; the journal was not touched."
    )


def _check(key: bytes) -> str:
    return hashlib.sha256(_LABEL.encode() + key).hexdigest()[:16]
