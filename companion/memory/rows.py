"""How the journal's values become rows and rows values: sealed, and bound to their place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from companion.domain import (
    CrisisKind,
    CrisisLevel,
    CrisisState,
    Reflection,
    ReflectionKind,
    Situation,
)
from companion.memory.corrected import Note
from companion.memory.keys import Cipher
from companion.ports import Person, Turn


class Rows:
    """Seals and opens whole rows. Opening raises JournalError for a changed or moved text."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def sealed_person(self, person: Person) -> dict[str, Any]:
        details = _json({"country": person.country, "settings": dict(person.settings)})
        return {
            "id": person.id,
            "details": self._cipher.seal(details, f"people.details:{person.id}"),
        }

    def person(self, row: Row[Any]) -> Person:
        details = json.loads(self._cipher.open(row.details, f"people.details:{row.id}"))
        return Person(row.id, details["country"], details["settings"])

    def sealed_reflection(self, person: str, reflection: Reflection) -> dict[str, Any]:
        return {
            "person": person,
            "id": reflection.id,
            "kind": reflection.kind.value,
            "kept_at": written(reflection.kept_at),
            "text": self._cipher.seal(reflection.text, _reflection_place(person, reflection.id)),
            "stays": reflection.stays,
        }

    def reflection(self, row: Row[Any]) -> Reflection:
        text = self._cipher.open(row.text, _reflection_place(row.person, row.id))
        return Reflection(
            row.id, ReflectionKind(row.kind), text, moment(row.kept_at), bool(row.stays)
        )

    def sealed_message(self, conversation: str, turn: str, text: str) -> dict[str, Any]:
        message = self._cipher.seal(text, f"turns.message:{turn}")
        return {"id": turn, "conversation": conversation, "message": message}

    def sealed_answer(self, turn: Turn) -> dict[str, Any]:
        texts = {
            "reply": turn.reply,
            "crisis": None if turn.crisis is None else _json(_crisis_values(turn.crisis)),
            "situation": turn.situation,
            "trace": _json(turn.trace),
        }
        sealed: dict[str, Any] = {
            column: None if text is None else self._cipher.seal(text, f"turns.{column}:{turn.id}")
            for column, text in texts.items()
        }
        return sealed | {"answered_at": turn.answered_at and written(turn.answered_at)}

    def turn(self, row: Row[Any]) -> Turn:
        text = {
            column: None
            if sealed is None
            else self._cipher.open(sealed, f"turns.{column}:{row.id}")
            for column, sealed in row._mapping.items()
            if column in {"message", "reply", "crisis", "situation", "trace"}
        }
        return Turn(
            id=row.id,
            conversation=row.conversation,
            message=text["message"] or "",
            asked_at=moment(row.asked_at),
            reply=text["reply"],
            answered_at=moment(row.answered_at) if row.answered_at else None,
            crisis=_crisis(json.loads(text["crisis"])) if text["crisis"] else None,
            situation=Situation(text["situation"]) if text["situation"] else None,
            trace=json.loads(text["trace"] or "{}"),
        )

    def sealed_correction(self, key: str, turn: str, situation: Situation) -> dict[str, Any]:
        sealed = self._cipher.seal(situation, f"corrections.situation:{key}")
        return {"id": key, "turn": turn, "situation": sealed}

    def correction(self, row: Row[Any]) -> Note:
        situation = self._cipher.open(row.situation, f"corrections.situation:{row.id}")
        return Situation(situation), moment(row.noted_at)


def written(at: datetime) -> str:
    """Give a moment as ISO 8601 with its offset; one without is of this computer's zone."""
    return (at if at.tzinfo else at.astimezone()).isoformat()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _reflection_place(person: str, reflection: str) -> str:
    return f"reflections.text:{person}:{reflection}"


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value))


def _crisis_values(state: CrisisState) -> dict[str, Any]:
    return {
        "level": state.level,
        "kind": state.kind,
        "said": list(state.said),
        "cleared": state.cleared,
    }


def _crisis(found: Mapping[str, Any]) -> CrisisState:
    level, kind = CrisisLevel(found["level"]), CrisisKind(found["kind"])
    return CrisisState(level, kind, tuple(found["said"]), found["cleared"])
