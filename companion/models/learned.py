"""What a server turned out to do, learned from its answers; nothing is assumed for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass
class Learned:
    """Begins with what most servers do, and is corrected by what this one refuses.

    `follows_schema` is None until a schema was asked for.
    """

    streams: bool = True
    tells_usage: bool = True
    limit: str = "max_tokens"
    follows_schema: bool | None = None

    def options(self, max_tokens: int, schema: Mapping[str, Any] | None) -> dict[str, Any]:
        """Give the options of a request, in the words this server takes."""
        options: dict[str, Any] = {self.limit: max_tokens, "stream": self.streams}
        if self.streams and self.tells_usage:
            options["stream_options"] = {"include_usage": True}
        if schema is not None:
            named = {"name": "answer", "schema": schema, "strict": True}
            options["response_format"] = {"type": "json_schema", "json_schema": named}
        return options

    def refused(self, body: str) -> bool:
        """Learn from the body of a refusal; say whether the same may be asked in another way."""
        said = body.lower()
        if self.tells_usage and "stream_options" in said:
            self.tells_usage = False
        elif self.limit == "max_tokens" and "max_completion_tokens" in said:
            # OpenAI's newer models refuse the old name of the limit; others know only that one.
            self.limit = "max_completion_tokens"
        elif self.streams and "stream" in said and any(no in said for no in _NO):
            self.streams = False
        else:
            return False
        return True

    def refuses_schema(self, body: str) -> bool:
        """Say whether a refusal is about the schema, and remember it."""
        said = body.lower()
        if not any(
            word in said for word in ("response_format", "json_schema", "schema", "grammar")
        ):
            return False
        self.follows_schema = False
        return True


_NO = ("not support", "unsupported", "not allowed", "not permitted", "unavailable", "must be false")
