"""The first sentence of a model through the Companion beside the bare `openai` client.

Both ask a server that always takes the same time, so what differs is ours. The journal is a real
one, and the bare client sends the very prompt that the Companion sends.
"""

from __future__ import annotations

from pathlib import Path

import openai

from companion.build import build
from companion.connection import Connection, VoiceKind
from companion.ports import ChatMessage
from evals.bench.pairs import alternate, part
from evals.bench.results import Sentences, messages
from evals.bench.turns import know_only, settings
from evals.models.bare import ask
from evals.models.speed import listening, turn
from evals.models.steady import steady

PAIRS, QUICK = 12, 2


def measure(folder: Path, quick: bool = False) -> Sentences:
    """Measure with the reflections of a settled folder."""
    chosen = settings(folder).model_copy(update={"model_reads": False, "model_trial": False})
    with steady() as address:
        companion = build(chosen, Connection(VoiceKind.ADDRESS, address, "steady"))
        asked = listening(companion)
        client = openai.OpenAI(base_url=address, api_key="k", max_retries=0)
        # Said once before anything is timed: it warms both, and tells the prompts.
        prompts: dict[str, tuple[list[ChatMessage], int]] = {}
        for message in messages():
            if len(prompts) < (QUICK if quick else PAIRS) and turn(companion, message):
                prompts[message] = list(asked.messages), asked.most

        def ours(message: str) -> tuple[float, float] | None:
            know_only(())
            found = turn(companion, message)
            return found and found[:2]

        def bare(message: str) -> tuple[float, float] | None:
            said = ask(client, "steady", *prompts[message])
            return None if said.sentence is None else (said.sentence, said.total)

        bare(next(iter(prompts)))
        measured = alternate({"ours": ours, "bare": bare}, list(prompts))
        client.close()
        companion.journal.close()
    return Sentences(part(measured, 0), part(measured, 1))
