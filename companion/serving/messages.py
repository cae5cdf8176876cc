"""A client's `messages`: what was said before, what is asked now, and what is not listened to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from companion.errors import BadInput
from companion.serving.refused import Refused
from companion.text import checked, clean_message

INSTRUCTS = ("system", "developer")
SPEAKS = ("user", "assistant")
NOT_READ = "the system message: Companion keeps to its own instructions, so it was not read."


@dataclass(frozen=True)
class Exchange:
    """What the person wrote and what the client says was answered.

    `reply` is "" where a message was not answered, `message` is "" where a conversation that was
    cut short begins with a reply.
    """

    message: str
    reply: str


@dataclass(frozen=True)
class Conversation:
    """`past` is oldest first; `ignored` holds a sentence on each thing that was not listened to."""

    past: tuple[Exchange, ...]
    message: str
    ignored: tuple[str, ...]


def conversation(given: Any) -> Conversation:
    """Read the `messages` of a request. Raises Refused."""
    if not isinstance(given, list) or not given:
        raise Refused(
            '"messages" must be a list of objects with role and content, the last from the user.',
            param="messages",
        )
    said = [_said(one, f"messages[{place}]") for place, one in enumerate(given)]
    spoken = [(place, role, text) for place, (role, text) in enumerate(said) if role in SPEAKS]
    if not spoken or spoken[-1][1] != "user":
        raise Refused("The last message must be from the user.", param="messages")
    place, _, asked = spoken.pop()
    message = _as_written(asked, f"messages[{place}]")
    ignored = (NOT_READ,) if any(role in INSTRUCTS for role, _ in said) else ()
    return Conversation(tuple(_exchanges(spoken)), message, ignored)


def _exchanges(spoken: list[tuple[int, str, str]]) -> Iterator[Exchange]:
    """Pair messages with replies: two messages in a row are two turns, two replies are one."""
    open_: Exchange | None = None
    for place, role, text in spoken:
        if role == "assistant":
            before = open_ or Exchange("", "")
            parts = (before.reply, clean_message(text))
            open_ = Exchange(before.message, "\n\n".join(part for part in parts if part))
        elif text.strip():
            if open_:
                yield open_
            open_ = Exchange(_as_written(text, f"messages[{place}]"), "")
    if open_:
        yield open_


def _as_written(text: str, param: str) -> str:
    """Give a message as the journal would keep it, within the product's own limits."""
    try:
        return checked(text)
    except BadInput as error:
        raise Refused(str(error), 422, param=f"{param}.content") from error


def _said(one: Any, param: str) -> tuple[str, str]:
    if not isinstance(one, dict):
        raise Refused("Every message must be an object with role and content.", param=param)
    role = one.get("role")
    if role not in SPEAKS + INSTRUCTS:
        raise Refused(
            "A message's role must be user, assistant, system or developer.", param=f"{param}.role"
        )
    if one.get("tool_calls") or one.get("function_call") or one.get("audio"):
        raise Refused("Companion has no tools and hears no audio; send text only.", param=param)
    return role, _text(one.get("content"), f"{param}.content")


def _text(content: Any, param: str) -> str:
    """Give the text of a content: a string, or parts that are all text."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise Refused("A message's content must be a text or a list of text parts.", param=param)
    texts = []
    for part in content:
        text = part.get("text") if isinstance(part, dict) else None
        if not isinstance(text, str) or part.get("type") != "text":
            raise Refused(
                "Companion reads text only; leave out images, audio and files.", param=param
            )
        texts.append(text)
    return "\n".join(texts)
