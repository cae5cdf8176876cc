"""What a small local model says when nothing guards it: the other side of a blind reading.

It gets the prompts the companion would give it, for the embedded reader's situation, and what it
says is written down as it comes, in the shape of `companion talk --jsonl`. Nobody is shown this.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from companion.build import local_now, shared_embedder, shared_reader
from companion.domain import POLICY, PastTurn
from companion.errors import ModelError
from companion.models import chat_model
from companion.ports import SpeakingBrief
from companion.settings import Settings
from companion.voice.embedded import EmbeddedVoice
from companion.voice.llm import LanguageModelVoice


def brief(message: str, history: Sequence[PastTurn] = ()) -> SpeakingBrief:
    """Give what a voice would be told of a message if danger did not come first."""
    read = shared_reader().read(message, history)
    policy = POLICY[read.situation]
    return SpeakingBrief(
        message=message,
        situation=read.situation,
        mode=policy.mode,
        variant=policy.variant,
        moves=policy.moves,
        words=read.words,
        also=read.also,
        old_rule=read.old_rule,
        recalled=(),
        history=tuple(history),
        now=local_now(),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gguf", type=Path)
    parser.add_argument("messages", type=Path)
    parser.add_argument("--count", type=int, default=75)
    given = parser.parse_args()
    model = chat_model(Settings(gguf=given.gguf, model=given.gguf.stem))
    assert model is not None
    voice = LanguageModelVoice(model, EmbeddedVoice(shared_embedder()))
    written = [json.loads(line) for line in given.messages.read_text("utf-8").splitlines()]
    for row in random.Random(20261126).sample(written, given.count):  # noqa: S311
        said = []
        try:
            said += [draft.text for draft in voice.speak(brief(row["message"]))]
        except ModelError as error:
            print(row["id"], error, file=sys.stderr)
        if said:
            print(json.dumps({"id": row["id"], "replies": [{"text": " ".join(said)}]}), flush=True)


if __name__ == "__main__":
    main()
