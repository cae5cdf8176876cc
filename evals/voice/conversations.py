"""`make voice`: the twelve conversations of docs/conversations.md, as the embedded voice has them.

What the people write was written by hand and stands in `conversations.yaml`; what the companion
says is what it said, on a clock that stands still, with nothing edited.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from companion.core import Companion
from companion.domain import POLICY, Reflection, ReflectionKind
from evals.playing import Played, play
from evals.voice.figures import embedded

SCRIPTS = Path(__file__).parent / "conversations.yaml"
DOCUMENT = Path(__file__).parents[2] / "docs" / "conversations.md"
NOW = datetime.fromisoformat("2026-11-20T22:40:00+00:00")
HEAD = """# Twelve conversations

`make voice` writes this page. The people are invented, and what they write was written by hand
(`evals/voice/conversations.yaml`). What Companion says is what the embedded voice said, with no
language model, no key and no network; nothing was edited or chosen among several tries. The line
under each message says how it was read. The clock stands at 20 November 2026.
"""


def scripts() -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = yaml.safe_load(SCRIPTS.read_text(encoding="utf-8"))
    return loaded


def played(companion: Companion, script: dict[str, Any]) -> Iterator[Played]:
    """Play one conversation to a companion that knows the script's reflections and no more."""
    alone = companion.alone(lambda: NOW)
    person = alone.journal.person()
    for number, kept in enumerate(script.get("reflections", ()), 1):
        moment = datetime.fromisoformat(f"{kept['date']}T21:00:00+00:00")
        reflection = Reflection(f"r{number}", ReflectionKind(kept["kind"]), kept["text"], moment)
        alone.memory.keep(person.id, reflection)
    yield from play(alone, script["turns"])


def written(script: dict[str, Any], turns: Iterator[Played]) -> str:
    lines = [f"## {script['title']}", "", script["about"], ""]
    for kept in script.get("reflections", ()):
        lines += [f"Kept on {kept['date']} ({kept['kind']}): *{kept['text']}*", ""]
    for turn in turns:
        lines += [f"> {turn.message}".replace("\n", "\n> "), "", f"<sub>{_read(turn)}</sub>", ""]
        lines += [turn.reply, ""]
    return "\n".join(lines)


def _read(turn: Played) -> str:
    if turn.situation is None:
        return "crisis: vetted text, no mode"
    said = f"{turn.situation.value.replace('_', ' ')}, {POLICY[turn.situation].mode.value}"
    return said + ", a reflection recalled" * bool(turn.recalled)


def main() -> None:
    companion = embedded()
    parts = [written(script, played(companion, script)) for script in scripts()]
    DOCUMENT.write_text("\n".join([HEAD, *parts]).rstrip() + "\n", encoding="utf-8")
    print(f"{len(parts)} conversations in {DOCUMENT}")


if __name__ == "__main__":
    main()
