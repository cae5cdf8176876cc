"""The batch forms: JSONL in, one JSON object a line out, in order, `error` instead of dying.

They use the in-memory journal and index, seeded from the input, never the person's own data.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from companion.domain import POLICY, CrisisLevel, PastTurn, Reflection, ReflectionKind
from companion.errors import BadInput, CompanionError
from companion.events import Crisis, Finished, Offer, Reading, Recalled, Replaced, Sentence
from companion.ports import Draft, Reader
from companion.settings import Settings
from companion.steps.guard import Guard
from companion.text import checked, sentences

if TYPE_CHECKING:
    from companion.core import Companion

Row = dict[str, Any]


def run(lines: TextIO, out: TextIO, answer: Callable[[Row], Row]) -> int:
    """Answer every line; give the number of lines that could not be answered."""
    failed = 0
    for line in lines:
        if not line.strip():
            continue
        row: Row = {}
        try:
            row = _object(line)
            result = {"id": row.get("id"), **answer(row)}
        except CompanionError as error:
            failed, result = failed + 1, {"id": row.get("id"), "error": str(error)}
        except Exception as error:
            # One bad row must not end the batch; the type alone, since a text could be private.
            said = f"{type(error).__name__} while answering this line."
            failed, result = failed + 1, {"id": row.get("id"), "error": said}
        out.write(json.dumps(result, ensure_ascii=False) + "\n")
        out.flush()
    return failed


def _object(line: str) -> Row:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BadInput("This line is not JSON; write one object a line.") from error
    if not isinstance(row, dict):
        raise BadInput('This line is not an object; write {"id": …, …}.')
    return row


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise BadInput(f'"{name}" must be a text.')
    return value


def _moment(value: Any) -> datetime:
    """Read an ISO date or moment; a bare one is taken as UTC. Raises BadInput."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise BadInput(f"{value!r} is not an ISO date such as 2026-03-09.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _reflections(row: Row) -> tuple[Reflection, ...]:
    try:
        return tuple(
            Reflection(
                str(item["id"]),
                ReflectionKind(item.get("kind", "moment")),
                str(item["text"]),
                _moment(item["date"]),
                stays_of(item),
            )
            for item in row.get("reflections") or ()
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput('"reflections" must be objects with id, kind, text and date.') from error


def stays_of(row: Row) -> bool:
    """Say whether a reflection never leaves this computer. Raises TypeError for what says neither.

    Where it is not said, as in older exports, it may.
    """
    stays = row.get("stays", False)
    # A "yes" or a "false" in quotation marks must not decide what is sent to a model elsewhere.
    if not isinstance(stays, bool):
        raise TypeError
    return stays


def past_of(row: Row) -> tuple[PastTurn, ...]:
    """Pair `{"role","text"}` items into turns; a reply without a message before it is dropped."""
    turns: list[PastTurn] = []
    for item in row.get("history") or ():
        if not isinstance(item, dict) or not isinstance(item.get("text"), str):
            raise BadInput('"history" must be objects with role and text.')
        if item.get("role") in {"user", "person"}:
            turns.append(PastTurn(item["text"], ""))
        elif turns:
            turns[-1] = PastTurn(turns[-1].message, item["text"])
    return tuple(turns)


def reading(reader: Reader) -> Callable[[Row], Row]:
    """Give the `read` form."""

    def answer(row: Row) -> Row:
        read = reader.read(checked(_text(row, "text")), past_of(row))
        crisis = read.crisis is not CrisisLevel.NONE
        probabilities = {name.value: p for name, p in read.situations.items()}
        probabilities |= {
            f"crisis_{name.value}": p for name, p in read.crisis_probabilities.items()
        }
        return {
            "situation": read.situation.value,
            "mode": None if crisis else POLICY[read.situation].mode.value,
            "also": read.also.value if read.also else None,
            "old_rule": read.old_rule.value if read.old_rule else None,
            "crisis": read.crisis.value,
            "probabilities": {name: round(p, 4) for name, p in probabilities.items()},
        }

    return answer


def checking(guard: Guard) -> Callable[[Row], Row]:
    """Give the `check` form: the worst sentence decides category, span and score."""

    def answer(row: Row) -> Row:
        reply, message = _text(row, "reply"), row.get("user") or ""
        kept = _reflections(row)
        worst: Row = {"shames": False, "category": None, "span": None, "score": 0.0}
        ungrounded, reasons, place = [], [], 0
        for sentence in sentences(reply):
            start = reply.index(sentence, place)
            place = start + len(sentence)
            verdict = guard.check(Draft(sentence), message, recalled=kept)
            if verdict.reason:
                reasons.append(verdict.reason)
            if verdict.ungrounded:
                ungrounded.append([start, place])
            shames = verdict.category is not None
            if (shames, verdict.score) > (worst["shames"], worst["score"]):
                worst = {
                    "shames": shames,
                    "category": verdict.category.value if verdict.category else None,
                    "span": [start, place] if shames else None,
                    "score": round(verdict.score, 4),
                }
        return {**worst, "ungrounded": ungrounded, "reasons": reasons}

    return answer


def talking(settings: Settings) -> Callable[[Row], Row]:
    """Give the `talk --jsonl` form: a whole conversation a line, in a memory of its own."""
    # Only whole conversations need the workflow and its parts; `read` starts without them.
    from companion.build import build_in_memory

    first = build_in_memory(settings)

    def answer(row: Row) -> Row:
        turns = row.get("turns")
        if not isinstance(turns, list) or not all(isinstance(turn, str) for turn in turns):
            raise BadInput('"turns" must be a list of texts.')
        now = _moment(row["now"]) if row.get("now") else datetime.now().astimezone()
        companion = first.alone(clock=lambda: now)
        person = replace(companion.journal.person(), country=row.get("country") or settings.country)
        companion.journal.save_person(person)
        for reflection in _reflections(row):
            companion.memory.keep(person.id, reflection)
        conversation = companion.journal.start_conversation(person.id, now)
        return {"replies": [_reply(companion, person.id, conversation, turn) for turn in turns]}

    return answer


def _reply(companion: Companion, person: str, conversation: str, text: str) -> Row:
    said: list[str] = []
    row: Row = {"text": "", "situation": None, "mode": None, "crisis": "none"}
    row |= {"recalled": [], "replaced": [], "voice": ""}
    for event in companion.reply(person, conversation, text):
        match event:
            case Crisis():
                row["crisis"] = event.state.level.value
                row["contacts"] = [f"{contact.name}: {contact.value}" for contact in event.contacts]
                said.append(event.text)
            case Reading():
                row["situation"], row["mode"] = event.situation.value, event.mode.value
            case Recalled():
                row["recalled"] = [reflection.id for reflection in event.reflections]
            case Sentence():
                said.append(event.text)
            case Replaced():
                row["replaced"].append({"text": event.text, "reason": event.reason})
            case Offer():
                row["offer"] = event.text
            case Finished():
                row |= {"voice": event.voice, **_spent(event)}
            case _:
                pass
    row["text"] = " ".join(said)
    return row


def _spent(event: Finished) -> Row:
    """Give what asking a model cost and where the message went; nothing when none was asked."""
    usage = event.usage
    if not usage.requests:
        return {}
    spent = {"prompt": usage.prompt, "completion": usage.completion}
    return {
        "usage": {**spent, "cached": usage.cached, "told": usage.told},
        "host": event.host,
    }
