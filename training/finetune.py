"""Fine-tune a base encoder together with its heads."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from companion.reader.encoder import Tokens, bare_tokenizer, tokens
from training.examples import Example, as_met
from training.network import HEADS, Base, Network, batch

SMOOTHING = 0.05
LAYER_DECAY = 0.9
WARM_UP = 0.08
WEIGHTS = {"also": 0.3, "old_rule": 0.5, "crisis": 1.5, "crisis_kind": 0.5}
"""How much a head's loss counts, where not 1. Danger more: it is the hardest and matters most."""
BUCKET = 16
"""Batches that are sorted by length together, so that little is spent on padding."""

Logits = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Plan:
    epochs: int
    batch: int = 32
    seed: int = 7


def predict(
    network: Network, examples: Sequence[Example], size: int = 64, *, exact: bool = False
) -> Logits:
    """Give each head's logits, shape (examples, labels); `exact` in fp32."""
    network.eval()
    tokenizer = bare_tokenizer()
    texts = [tokens(tokenizer, one.text, one.context) for one in examples]
    order = sorted(range(len(texts)), key=lambda i: len(texts[i].ids))
    found = {name: np.zeros((len(texts), len(HEADS[name])), np.float32) for name in HEADS}
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=not exact):
        for start in range(0, len(order), size):
            places = order[start : start + size]
            for head, logits in network(*batch([texts[i] for i in places])).items():
                found[head][places] = logits.float().numpy()
    return found


def finetune(
    base: Base,
    examples: Sequence[Example],
    plan: Plan,
    *,
    pretrained: bool = True,
    watch: Callable[[Network], str] | None = None,
) -> Network:
    """Train on the examples. `watch` says after each epoch how the network does."""
    torch.manual_seed(plan.seed)
    random = Random(plan.seed)  # noqa: S311
    network = Network(base, pretrained=pretrained)
    tokenizer = bare_tokenizer()
    optimizer = torch.optim.AdamW(_groups(network), weight_decay=0.01, fused=True)
    rates = [group["lr"] for group in optimizer.param_groups]
    steps = plan.epochs * math.ceil(len(examples) / plan.batch)
    step, begun = 0, time.monotonic()
    for epoch in range(plan.epochs):
        network.train()
        shown = as_met(examples, random)
        texts = [tokens(tokenizer, one.text, one.context) for one in shown]
        total = 0.0
        for places in _batches(texts, plan.batch, random):
            pace = min(1.0, (step + 1) / (WARM_UP * steps)) * max(0.02, 1 - step / steps)
            for group, rate in zip(optimizer.param_groups, rates):
                group["lr"] = rate * pace
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = network(*batch([texts[i] for i in places]))
            loss = _loss(logits, [shown[i] for i in places])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            step, total = step + 1, total + loss.item()
        taken = time.monotonic() - begun
        mean = total / math.ceil(len(examples) / plan.batch)
        how = watch(network) if watch else ""
        print(f"{base.name} epoch {epoch + 1} loss {mean:.3f} {taken:.0f} s {how}", flush=True)
    return network


def _groups(network: Network) -> list[dict[str, object]]:
    """Lower layers learn slower: they hold what the encoder knows of the language."""
    rate, layers = network.base.learning_rate, network.encoder.encoder.layer
    placed: set[int] = set()
    groups: list[dict[str, object]] = []
    for depth, layer in enumerate(layers):
        parameters = [p for p in layer.parameters() if p.requires_grad]
        placed |= {id(p) for p in layer.parameters()}
        groups.append({"params": parameters, "lr": rate * LAYER_DECAY ** (len(layers) - 1 - depth)})
    rest = [p for p in network.encoder.parameters() if p.requires_grad and id(p) not in placed]
    groups.append({"params": rest, "lr": rate * LAYER_DECAY ** len(layers)})
    groups.append({"params": list(network.heads.parameters()), "lr": rate * 10})
    return [group for group in groups if group["params"]]


def _batches(texts: Sequence[Tokens], size: int, random: Random) -> list[list[int]]:
    order = list(range(len(texts)))
    random.shuffle(order)
    batches: list[list[int]] = []
    for start in range(0, len(order), size * BUCKET):
        bucket = sorted(order[start : start + size * BUCKET], key=lambda i: len(texts[i].ids))
        batches += [bucket[i : i + size] for i in range(0, len(bucket), size)]
    random.shuffle(batches)
    return batches


def _loss(logits: dict[str, Tensor], examples: Sequence[Example]) -> Tensor:
    total = torch.zeros(())
    for head, said in logits.items():
        places = [i for i, one in enumerate(examples) if head in one.targets]
        if places:
            truth = torch.tensor([examples[i].targets[head] for i in places])
            loss = functional.cross_entropy(said[places], truth, label_smoothing=SMOOTHING)
            total = total + WEIGHTS.get(head, 1.0) * loss * len(places) / len(examples)
    return total
