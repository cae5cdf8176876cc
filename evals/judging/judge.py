"""A model answers the questions, by the rubric beside this file, one at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from companion.errors import ModelError, SchemaRefused
from companion.models.answers import Answers
from companion.models.breaker import Breaker
from companion.models.prompt import uncontrolled
from companion.ports import ChatMessage, ChatModel, Ended
from evals.judging.points import Point

RUBRIC = Path(__file__).parent / "rubric.md"
LONGEST_WHY = 200
MOST_TOKENS = 160
SECONDS = 300.0
"""For a question with its repair; how long each answer may take is the client's to say."""
SILENT = 20
"""Questions in a row without an answer of the form, after which no more are asked."""
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["why", "answer"],
    # The reason is written first, so that the answer rests on it and not it on the answer.
    "properties": {
        "why": {"type": "string", "maxLength": LONGEST_WHY},
        "answer": {"type": "boolean"},
    },
}


@dataclass(frozen=True)
class Judged:
    """A point with the answer of a judge, None where it gave none; `judge` is the model's name."""

    point: Point
    answer: bool | None
    why: str
    judge: str

    @property
    def good(self) -> bool:
        """Say whether the reply was found good; no answer is never good."""
        return self.answer is self.point.good


def judge(points: Iterable[Point], model: ChatModel) -> Iterator[Judged]:
    """Yield an answer for each point as it comes.

    Raises ModelError when the model fails twice in a row, or answers in no form that can be read;
    what was yielded until then holds.
    """
    heard = _Heard(model)
    answers = Answers(heard, SCHEMA, parsed)
    silent = 0
    for point in points:
        answer, _ = answers.ask(asked(point), MOST_TOKENS, SECONDS)
        if answer is None and heard.resting:
            raise ModelError(heard.failure)
        silent = 0 if answer else silent + 1
        said, why = answer or (None, "")
        yield Judged(point, said, why, model.name)
        if silent == SILENT:
            raise ModelError(
                f"{model.name} gave {SILENT} times in a row no answer that can be read, or cannot "
                "hold the questions; choose another model as a judge."
            )


class _Heard(Breaker):
    """Notes in which words the model failed: `Answers` goes on in silence, as a turn must."""

    failure = ""

    def stream(
        self,
        messages: Sequence[ChatMessage],
        *,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
    ) -> Generator[str, None, Ended]:
        try:
            return (yield from super().stream(messages, max_tokens=max_tokens, schema=schema))
        except SchemaRefused:
            raise
        except ModelError as error:
            self.failure = str(error)
            raise


@cache
def _rubric() -> Template:
    return Template(RUBRIC.read_text(encoding="utf-8"))


def asked(point: Point) -> str:
    """Give the whole request for a point."""
    return _rubric().substitute(
        shown=fenced(point.shown), reply=fenced(point.reply), question=point.question
    )


def fenced(text: str) -> str:
    """Put a text into a block that nothing in it can close, without a chat template's marks."""
    clean = uncontrolled(text)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", clean)), default=0))
    return f"{fence}\n{clean}\n{fence}"


def parsed(text: str) -> tuple[bool, str] | None:
    """Give answer and reason, or None.

    Words around the object are passed over. Two objects that disagree are no answer: one of them
    may be a quotation from the reply.
    """
    found = [
        (one["answer"], _writable(one.get("why"))[:LONGEST_WHY])
        for one in _objects(text)
        if isinstance(one.get("answer"), bool)
    ]
    return found[-1] if len({answer for answer, _ in found}) == 1 else None


def _writable(why: Any) -> str:
    """Give a reason that a file can hold: JSON can escape half a character."""
    return str(why or "").encode("utf-8", "replace").decode("utf-8")


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects that stand in a text, none of those inside another."""
    decoder, place = json.JSONDecoder(), text.find("{")
    while place >= 0:
        try:
            one, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            end = place + 1
        else:
            yield one
        place = text.find("{", end)
