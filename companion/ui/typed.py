"""From what a person typed to a voice. What cannot be one is said in a sentence."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from companion.connection import Connection, VoiceKind
from companion.errors import BadInput

_GGUF = b"GGUF"


def here(address: str, model: str, file: str) -> Connection:
    """Give a model on this computer, behind an address or in a file. Raises BadInput."""
    address, file = address.strip(), file.strip()
    if file and address:
        raise BadInput("Give an address or a model file, not both.")
    if file:
        return _in_file(Path(file).expanduser(), model.strip())
    if not address:
        raise BadInput("Give an address and the model’s name, or the path of a model file.")
    connection = _behind(address, model)
    if connection.host is not None:
        raise BadInput(
            f"Words would leave this computer for {connection.host}; "
            "choose “A hosted model” if you want that."
        )
    return connection


def hosted(address: str, model: str) -> Connection:
    """Give a model elsewhere. Raises BadInput."""
    if not address.strip():
        raise BadInput("Give the address and the model’s name.")
    connection = _behind(address.strip(), model)
    if connection.host is None:
        raise BadInput(
            "This address is on this computer; choose “A model on this computer” for it."
        )
    return connection


def _in_file(path: Path, model: str) -> Connection:
    try:
        with path.open("rb") as opened:
            begins = opened.read(len(_GGUF))
    except (OSError, ValueError) as error:
        raise BadInput(f"There is no file at {path} that can be read; check the path.") from error
    if begins != _GGUF:
        raise BadInput(f"{path.name} is not a model file; its name should end in .gguf.")
    return Connection(VoiceKind.FILE, model=model or None, path=path.absolute())


def _behind(address: str, model: str) -> Connection:
    parts = _parts(address)
    if parts.scheme not in {"http", "https"}:
        raise BadInput("The address has to begin with http:// or https://.")
    if not parts.hostname:
        raise BadInput("The address names no host; it should look like https://models.example/v1.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        # It is kept in the journal, and a key never is.
        raise BadInput(
            "Leave user name, password and all from “?” on out of the address; "
            "a key has a field of its own."
        )
    if not model.strip():
        raise BadInput("The model’s name is missing; the server lists the names it knows.")
    return Connection(VoiceKind.ADDRESS, address.rstrip("/"), model.strip())


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        readable = parts.port != 0 and not any(sign.isspace() for sign in address)
    except ValueError:
        readable = False
    if not readable:
        raise BadInput("This address cannot be read; check it for a slip.")
    return parts
