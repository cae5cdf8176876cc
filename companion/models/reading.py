"""A language model as a second reader: one answer in JSON, or none.

What it finds is merged with the embedded reading in `companion.reader.merged`; a reading that does
not come in time, or is not of the schema, is no reading. A model is believed only once it has read
the authored probes (`prompts/probes.yaml`): a small one finds danger everywhere or nowhere, and a
union with noise would meet every other message with helplines.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from companion.domain import CrisisKind, CrisisLevel, PastTurn, Situation
from companion.errors import ModelError
from companion.models.budget import estimate
from companion.models.prompt import as_data, prompt
from companion.ports import ChatMessage, ChatModel, SecondReading
from companion.prompts import document

MOST_TOKENS = 90
MOST_CHARACTERS = 3_000
"""Of a message: its end, where the need usually stands. The embedded reader reads all of it."""
SECONDS = 8.0
"""How long a turn waits for the model's reading."""

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["danger", "whose", "situation", "also"],
    "properties": {
        "danger": {"type": "string", "enum": [level.value for level in CrisisLevel]},
        "whose": {"type": "string", "enum": [kind.value for kind in CrisisKind]},
        "situation": {"type": "string", "enum": [one.value for one in Situation]},
        "also": {"enum": [*(one.value for one in Situation), None]},
    },
}
_OBJECT = re.compile(r"\{[^{}]*\}")


MISREAD = 2
"""Probes whose situation a model may misread and still be believed; their danger, none."""


class LanguageModelReader:
    """Implements `ports.SecondReader` over any ChatModel. Thread-safe.

    `believed` is None until `prove` has run, which the first `read` sets going beside it; until
    then, and when it is false, nothing is read.
    """

    def __init__(self, model: ChatModel, *, seconds: float = SECONDS) -> None:
        self._model = model
        self._seconds = seconds
        self.believed: bool | None = None
        self._proving = threading.Lock()

    @property
    def name(self) -> str:
        return self._model.name

    def read(self, message: str, history: Sequence[PastTurn] = ()) -> SecondReading | None:
        if self.believed is None and self._proving.acquire(blocking=False):
            threading.Thread(target=self.prove, name="companion-prove", daemon=True).start()
        return self._read(message, history) if self.believed else None

    def prove(self) -> bool:
        """Have the model read the probes, and say whether its readings count from now on."""
        misread = 0
        for probe in document("probes"):
            reading = self._read(probe["message"], ())
            if reading is None or (reading.crisis is CrisisLevel.NONE) is not (
                probe["danger"] == CrisisLevel.NONE
            ):
                self.believed = False
                return False
            calm = reading.crisis is CrisisLevel.NONE
            misread += calm and reading.situation != probe["situation"]
        self.believed = misread <= MISREAD
        return self.believed

    def _read(self, message: str, history: Sequence[PastTurn]) -> SecondReading | None:
        asked = self._request(message, history)
        if estimate(asked) + MOST_TOKENS > self._model.context:
            return None
        try:
            return parsed(self._answer(asked))
        except ModelError:
            return None

    def _request(self, message: str, history: Sequence[PastTurn]) -> str:
        before = f"{history[-1].message}\n{history[-1].reply}"[-600:] if history else ""
        return prompt("reading").render(
            before=as_data(before), message=as_data(message[-MOST_CHARACTERS:])
        )

    def _answer(self, asked: str) -> str:
        began, text = time.monotonic(), ""
        pieces = self._model.stream(
            [ChatMessage("user", asked)], max_tokens=MOST_TOKENS, schema=SCHEMA
        )
        try:
            for piece in pieces:
                text += piece
                if time.monotonic() - began > self._seconds:
                    raise ModelError(f"{self.name} did not read the message in time.")
        finally:
            pieces.close()
        return text


def parsed(text: str) -> SecondReading | None:
    """Give the reading in a model's answer, or None when it holds none of the schema."""
    found = _OBJECT.findall(text)
    try:
        answer = json.loads(found[-1])
        also = answer.get("also")
        return SecondReading(
            situation=Situation(answer["situation"]),
            also=Situation(also) if also else None,
            crisis=CrisisLevel(answer["danger"]),
            crisis_kind=CrisisKind(answer.get("whose", "self")),
        )
    except (IndexError, KeyError, TypeError, ValueError):
        return None
