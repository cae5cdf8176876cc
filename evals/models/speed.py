"""`make models`: what stands between a person and a model costs, and what a local one can do.

    overhead   the Companion against the bare client, the same prompt, in pairs, on a server that
               always takes the same time; the Companion first, with every message new to it
    first word the same on a real local model that has read nothing of the prompt before
    cache      how much of a prompt a local model had read in the turn before
    together   one, two and four conversations at once on one local model

Writes the tables of docs/models.md; nothing there is typed by hand.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from companion.build import build_in_memory, local_now
from companion.connection import Connection, VoiceKind
from companion.core import Companion
from companion.events import Crisis, Finished, Replaced, Sentence
from companion.models import breaker, gguf, openai_chat
from companion.models.gguf import GGUFServer
from companion.models.prompt import as_data, prompt
from companion.ports import ChatMessage
from companion.settings import Settings
from evals.models.bare import ask
from evals.models.proof import CONVERSATIONS, settings, smollm2
from evals.models.speed_report import Pair, of_cache, of_overhead, of_together
from evals.models.steady import steady
from training.report import write_between

ROOT = Path(__file__).parents[2]
MESSAGES = ROOT / "evals" / "bench_messages.jsonl"
DOCUMENT = ROOT / "docs" / "models.md"
PAIRS = 40
LOCAL_PAIRS = 6
CACHED = "proof-15"
"""The conversation whose prompts are sent again: five turns, no danger."""
AT_ONCE = (1, 2, 4)
MOST = 60
"""Tokens of a local reply in the measures: enough for two sentences."""


@dataclass
class Asked:
    """What the Companion sent to the model, and when its first piece came back."""

    messages: Sequence[ChatMessage] = ()
    most: int = 0
    first: float | None = None


class Listening:
    """A ChatModel around another one that notes what it was asked; for measuring only."""

    def __init__(self, model: Any, asked: Asked, most: int | None = None) -> None:
        self._model, self._asked, self._most = model, asked, most

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def stream(self, messages: Any, *, max_tokens: int, schema: Any = None) -> Any:
        most = min(max_tokens, self._most or max_tokens)
        self._asked.messages, self._asked.most, self._asked.first = messages, most, None
        pieces = self._model.stream(messages, max_tokens=most, schema=schema)
        try:
            while True:
                try:
                    piece = next(pieces)
                except StopIteration as stop:
                    return stop.value
                if self._asked.first is None:
                    self._asked.first = time.perf_counter()
                yield piece
        finally:
            pieces.close()


def listening(companion: Companion, most: int | None = None) -> Asked:
    """Have a Companion's model listened to from now on."""
    asked = Asked()
    door: Any = companion.workflow.use.voice
    door._model._model = Listening(door._model._model, asked, most)
    return asked


def messages() -> list[str]:
    """Give messages that are read as no danger, so that a model answers them."""
    rows = map(json.loads, MESSAGES.read_text("utf-8").splitlines())
    return [row["message"] for row in rows]


def turn(companion: Companion, text: str) -> tuple[float, float, Finished] | None:
    """Answer in a conversation of its own; give seconds to the first sentence and in all.

    None when danger came first, or the reply was not the model's alone.
    """
    person = companion.journal.person().id
    conversation = companion.journal.start_conversation(person, local_now())
    began, first, own = time.perf_counter(), 0.0, True
    for event in companion.reply(person, conversation, text):
        if isinstance(event, Sentence) and not first:
            first = time.perf_counter() - began
        if isinstance(event, Crisis | Replaced):
            own = False
        if isinstance(event, Finished):
            total = time.perf_counter() - began
            return (first, total, event) if own and event.usage.requests == 1 else None
    return None


def overhead() -> list[Pair]:
    """Measure pairs against a server that always takes the same time."""
    import openai

    pairs: list[Pair] = []
    with steady() as address:
        companion = build_in_memory(
            Settings(base_url=None, model_reads=False, model_trial=False),
            Connection(VoiceKind.ADDRESS, address, "steady"),
        )
        asked = listening(companion)
        client = openai.OpenAI(base_url=address, api_key="k", max_retries=0)
        turn(companion, "This is said once before anything is timed.")
        for text in messages():
            if len(pairs) == PAIRS:
                break
            ours = turn(companion, text)
            if ours is None:
                continue
            alone = ask(client, "steady", asked.messages, asked.most)
            assert alone.sentence
            pairs.append(Pair(ours[0], alone.sentence, ours[1], alone.total))
        client.close()
    return pairs


def first_word(file: Path) -> list[Pair]:
    """Measure until the first piece on a real model that keeps nothing of what it has read."""
    import openai

    connection = Connection(VoiceKind.FILE, model=file.stem, path=file)
    kept, gguf.CACHE_MEBIBYTES = gguf.CACHE_MEBIBYTES, 0
    companion = build_in_memory(_plain(file), connection)
    gguf.CACHE_MEBIBYTES = kept
    asked = listening(companion, most=8)
    server = asked_server(companion)
    client = openai.OpenAI(base_url=server.base_url, api_key=server.key, max_retries=0)
    pairs: list[Pair] = []
    for text in messages():
        if len(pairs) == LOCAL_PAIRS:
            break
        _forget(client)
        began = time.perf_counter()
        turn(companion, text)
        if asked.first is None:
            continue
        ours = asked.first - began
        _forget(client)
        alone = ask(client, "local", asked.messages, 8)
        pairs.append(Pair(ours, alone.first))
        asked.first = None
    client.close()
    _retire(companion)
    return pairs


def _plain(file: Path) -> Settings:
    """Give settings with which a model speaks, untried, and does not read."""
    return settings(file).model_copy(update={"model_reads": False, "model_trial": False})


def _forget(client: Any) -> None:
    """Fill the server's one place with another text, so that nothing of a prompt is known."""
    other = f"{time.perf_counter_ns()}: say yes."
    client.chat.completions.create(
        model="local", messages=[{"role": "user", "content": other}], max_tokens=1
    )


def asked_server(companion: Companion) -> Any:
    """Give the in-process server behind a Companion."""
    model: Any = companion.workflow.use.voice
    model = model._model
    while not isinstance(model, openai_chat.OpenAIChat):
        model = model.model if isinstance(model, breaker.Breaker) else model._model
    assert model.server is not None
    return model.server


def _retire(companion: Companion) -> None:
    if companion.retire:
        companion.retire()


def cache(file: Path) -> dict[str, list[tuple[int, int]]]:
    """Give tokens known before and all tokens of the prompt, for each turn of one conversation.

    The prompts are the Companion's own; what it is answered does not matter for this. Once with
    nothing between the turns, and once with the request for a reading that each turn may make.
    """
    import openai

    prompts, readings = _prompts()
    found: dict[str, list[tuple[int, int]]] = {}
    for kind in ("nothing between", "a reading between"):
        server = GGUFServer(file, context=4096)
        client = openai.OpenAI(base_url=server.base_url, api_key=server.key, max_retries=0)
        found[kind] = []
        for asked, read in zip(prompts, readings):
            if kind == "a reading between":
                _known(client, [ChatMessage("user", read)])
            found[kind].append(_known(client, asked))
        client.close()
        server.close()
    return found


def _known(client: Any, asked: Sequence[ChatMessage]) -> tuple[int, int]:
    """Send a prompt; give how many of its tokens the server knew, and all of them."""
    sent: Any = [{"role": one.role, "content": one.content} for one in asked]
    answer = client.chat.completions.create(model="local", messages=sent, max_tokens=8)
    details = answer.usage.prompt_tokens_details
    return details.cached_tokens or 0, answer.usage.prompt_tokens


def _prompts() -> tuple[list[list[ChatMessage]], list[str]]:
    """Give what one conversation has the Companion send, turn by turn, and ask to have read."""
    rows = [json.loads(line) for line in CONVERSATIONS.read_text("utf-8").splitlines() if line]
    said = next(row["turns"] for row in rows if row["id"] == CACHED)
    prompts = []
    with steady() as address:
        chosen = Settings(base_url=None, model_reads=False, model_trial=False)
        connection = Connection(VoiceKind.ADDRESS, address, "steady")
        companion = build_in_memory(chosen, connection)
        asked = listening(companion)
        person = companion.journal.person().id
        conversation = companion.journal.start_conversation(person, local_now())
        for one in said:
            list(companion.reply(person, conversation, one["text"]))
            prompts.append(list(asked.messages))
    read = [prompt("reading").render(before="", message=as_data(one["text"])) for one in said]
    return prompts, read


def together(file: Path) -> dict[int, list[tuple[float, float]]]:
    """Give seconds to the first piece and in all, by how many conversations there are at once."""
    import openai

    connection = Connection(VoiceKind.FILE, model=file.stem, path=file)
    companion = build_in_memory(_plain(file), connection)
    server = asked_server(companion)
    client = openai.OpenAI(base_url=server.base_url, api_key=server.key, max_retries=0)
    asked = listening(companion, most=1)
    prompts: list[list[ChatMessage]] = []
    for text in messages():
        if len(prompts) == max(AT_ONCE):
            break
        asked.messages = ()
        turn(companion, text)
        if asked.messages:
            prompts.append(list(asked.messages))
    found: dict[int, list[tuple[float, float]]] = {}
    for count in AT_ONCE:
        timed: list[tuple[float, float]] = []
        threads = [
            threading.Thread(target=_timed, args=(client, prompt, timed))
            for prompt in prompts[:count]
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found[count] = timed
    client.close()
    _retire(companion)
    return found


def _timed(client: Any, prompt: Sequence[ChatMessage], timed: list[tuple[float, float]]) -> None:
    # Begun with what was never said before, so that nothing of it is known.
    first, *rest = prompt
    fresh = ChatMessage(first.role, f"{time.perf_counter_ns()}\n{first.content}")
    said = ask(client, "local", [fresh, *rest], MOST)
    timed.append((said.first, said.total))


PARTS: dict[str, Callable[[Path], str]] = {
    "overhead": lambda file: of_overhead(overhead()),
    "first": lambda file: of_overhead(first_word(file), totals=False),
    "cache": lambda file: of_cache(cache(file)),
    "together": lambda file: of_together(together(file)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure, and write docs/models.md.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    file = smollm2()
    for part in parser.parse_args().parts or PARTS:
        found = PARTS[part](file)
        print(f"{part}\n{found}", flush=True)
        begin = f"<!-- {part}: written by make models -->"
        write_between(DOCUMENT, begin, f"<!-- end of {part} -->", found)


if __name__ == "__main__":
    main()
