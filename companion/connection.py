"""Which voice speaks, and where words go for it. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

RELAYED = ("-cloud", ":cloud")
"""How Ollama names the models it passes on to its own service, though asked on this computer."""


class VoiceKind(StrEnum):
    """What stands behind a voice."""

    EMBEDDED = "embedded"
    FILE = "file"
    ADDRESS = "address"


@dataclass(frozen=True)
class Connection:
    """One voice that can be chosen. It holds no key.

    `base_url` and `model` belong to an ADDRESS, `path` to a FILE; `model` is then only the name
    shown.
    """

    kind: VoiceKind = VoiceKind.EMBEDDED
    base_url: str | None = None
    model: str | None = None
    path: Path | None = None

    @property
    def name(self) -> str:
        """Give the name shown to the person."""
        if self.kind is VoiceKind.EMBEDDED:
            return VoiceKind.EMBEDDED.value
        if self.model and not self.model.endswith(".gguf"):
            return self.model
        # llama.cpp's server calls a model by the path of its file.
        return Path(self.model).stem if self.model else self.path.stem if self.path else ""

    @property
    def host(self) -> str | None:
        """Give the host that words leave this computer for, or None when they stay."""
        if self.kind is not VoiceKind.ADDRESS or not self.base_url:
            return None
        host = urlsplit(self.base_url).hostname or ""
        if not is_loopback(host):
            return host
        relayed = (self.model or "").lower().endswith(RELAYED)
        return f"the service behind {self.model}" if relayed else None

    @property
    def leaves(self) -> bool:
        return self.host is not None

    def values(self) -> dict[str, str]:
        """Give it as plain JSON values, for the journal."""
        path = str(self.path) if self.path else None
        given = {"base_url": self.base_url, "model": self.model, "path": path}
        return {"kind": self.kind.value} | {name: text for name, text in given.items() if text}


EMBEDDED = Connection()


@dataclass(frozen=True)
class Waits:
    """How long to wait for a model, in seconds. `first_token` and `total` run from the request."""

    connect: float = 5.0
    first_token: float = 20.0
    between_tokens: float = 10.0
    total: float = 90.0


def connection_from(values: Mapping[str, str]) -> Connection:
    """Give back what `values` gave. Raises ValueError for what it never gave."""
    path = values.get("path")
    return Connection(
        VoiceKind(values.get("kind", "")),
        values.get("base_url"),
        values.get("model"),
        Path(path) if path else None,
    )


def is_loopback(host: str) -> bool:
    """Say whether a host is this computer and no other."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
