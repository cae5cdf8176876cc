"""A request, read: the conversation, and the few things beside it that count here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from companion.batch import stays_of
from companion.domain import Reflection, ReflectionKind
from companion.serving.messages import Conversation, conversation
from companion.serving.refused import Refused

OURS = ("country", "now", "reflections")
"""What a request's `companion` object may hold."""
REFUSED = {
    "tools": "Companion has no tools; leave them out.",
    "functions": "Companion has no functions; leave them out.",
    "audio": "Companion writes text only; leave audio out.",
}
_YEARS = range(1900, 2201)


@dataclass(frozen=True)
class Asked:
    """`country` is an ISO 3166 alpha-2 code or None, `now` None for the present moment.

    `usage_wanted` is whether a stream ends with what it cost.
    """

    said: Conversation
    country: str | None = None
    now: datetime | None = None
    reflections: tuple[Reflection, ...] = ()
    stream: bool = False
    usage_wanted: bool = False

    @property
    def first(self) -> bool:
        """Say whether nothing was answered yet in this conversation."""
        return not any(one.reply for one in self.said.past)


def asked(body: Any) -> Asked:
    """Read a request's JSON. Raises Refused for what is not answered here.

    What changes nothing here, such as a temperature, is passed over.
    """
    if not isinstance(body, dict):
        raise Refused('The body must be a JSON object with "messages".')
    for name, sentence in REFUSED.items():
        if body.get(name):
            raise Refused(sentence, param=name, code="unsupported_parameter")
    if body.get("n") not in (None, 1):
        raise Refused("Companion gives one reply; leave n out.", param="n")
    if any(one != "text" for one in _list(body, "modalities")):
        raise Refused("Companion writes text only.", param="modalities")
    if _object(body, "response_format").get("type") not in (None, "text"):
        raise Refused("Companion writes sentences, no JSON.", param="response_format")
    stream = body.get("stream") or False
    if not isinstance(stream, bool):
        raise Refused('"stream" must be true or false.', param="stream")
    ours = _object(body, "companion")
    if unknown := sorted(set(ours) - set(OURS)):
        raise Refused(
            f'"companion" may hold {", ".join(OURS)}; "{unknown[0]}" is not known.',
            param="companion",
        )
    return Asked(
        conversation(body.get("messages")),
        _country(ours.get("country")),
        _moment(ours["now"], "companion.now") if ours.get("now") else None,
        _reflections(_list(ours, "reflections", "companion.reflections")),
        stream,
        _object(body, "stream_options").get("include_usage") is True,
    )


def _object(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = given.get(name)
    if value is not None and not isinstance(value, dict):
        raise Refused(f'"{name}" must be an object.', param=name)
    return value or {}


def _list(given: Mapping[str, Any], name: str, param: str | None = None) -> list[Any]:
    value = given.get(name)
    if value is not None and not isinstance(value, list):
        raise Refused(f'"{name}" must be a list.', param=param or name)
    return value or []


def _country(value: Any) -> str | None:
    if value is None:
        return None
    # A code that is not understood would quietly give the wrong people to call.
    if not (isinstance(value, str) and len(value) == 2 and value.isascii() and value.isalpha()):
        raise Refused("A country is its two letters, such as IE.", param="companion.country")
    return value.upper()


def _moment(value: Any, param: str) -> datetime:
    """Read an ISO date or moment; a bare one is taken as UTC."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Refused("A date is written like 2026-03-09.", param=param) from error
    if moment.year not in _YEARS:
        raise Refused("A date lies between the years 1900 and 2200.", param=param)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _reflections(given: list[Any]) -> tuple[Reflection, ...]:
    kept: dict[str, Reflection] = {}
    for place, one in enumerate(given):
        param = f"companion.reflections[{place}]"
        try:
            key, text, date = one["id"], one["text"], one["date"]
            kind, stays = ReflectionKind(one.get("kind", "moment")), stays_of(one)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Refused(
                "A reflection is an object with id, kind, text and date.", param=param
            ) from error
        if not (isinstance(key, str) and isinstance(text, str) and text.strip()) or key in kept:
            raise Refused("A reflection has an id of its own and a text.", param=param)
        kept[key] = Reflection(key, kind, text, _moment(date, f"{param}.date"), stays)
    return tuple(kept.values())
