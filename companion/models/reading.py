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
from collections.abc import Mapping, Sequence
from typing import Any

from companion.domain import CrisisKind, CrisisLevel, PastTurn, Situation
from companion.models.answers import Answers
from companion.models.prompt import as_data, prompt
from companion.ports import ChatModel, SecondReading
from companion.prompts import document
from companion.usage import Usage

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


class Proof:
    """Whether a model reads well enough to be believed; None until it has been tried.

    It belongs to the model and is shared by whoever asks it, so that it is tried once.
    """

    def __init__(self) -> None:
        self.believed: bool | None = None
        self.begun = False
        self.proving = threading.Lock()


class LanguageModelReader:
    """Implements `ports.SecondReader` over any ChatModel. Thread-safe.

    Nothing is read until `prove` has been run, which the first `read` sets going beside it, nor
    when it found that the model is not to be believed.
    """

    def __init__(
        self, model: ChatModel, *, proof: Proof | None = None, seconds: float = SECONDS
    ) -> None:
        self._model = model
        self._answers = Answers(model, SCHEMA, parsed)
        self._seconds = seconds
        self.proof = proof or Proof()

    @property
    def name(self) -> str:
        return self._model.name

    def read(
        self, message: str, history: Sequence[PastTurn] = ()
    ) -> tuple[SecondReading | None, Usage]:
        if not self.proof.begun:
            self.proof.begun = True
            threading.Thread(target=self.settle, name="companion-prove", daemon=True).start()
        return self._read(message, history) if self.proof.believed else (None, Usage())

    def settle(self) -> None:
        """Return once it has been proved, by whomever."""
        self.proof.begun = True
        with self.proof.proving:
            if self.proof.believed is None:
                self.prove()

    def prove(self) -> bool:
        """Have the model read the probes, and say whether its readings count from now on."""
        misread = 0
        for probe in document("probes"):
            reading, _ = self._read(probe["message"], ())
            if reading is None or (reading.crisis is CrisisLevel.NONE) is not (
                probe["danger"] == CrisisLevel.NONE
            ):
                self.proof.believed = False
                return False
            calm = reading.crisis is CrisisLevel.NONE
            misread += calm and reading.situation != probe["situation"]
        self.proof.believed = misread <= MISREAD
        return self.proof.believed

    def _read(
        self, message: str, history: Sequence[PastTurn]
    ) -> tuple[SecondReading | None, Usage]:
        before = f"{history[-1].message}\n{history[-1].reply}"[-600:] if history else ""
        asked = prompt("reading").render(
            before=as_data(before), message=as_data(message[-MOST_CHARACTERS:])
        )
        return self._answers.ask(asked, MOST_TOKENS, self._seconds)


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
