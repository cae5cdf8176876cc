"""The network that is trained: a small encoder and one linear head a question.

A head sees the mean of the text's own token states and nothing else, so that a token's share of
what the head says is exact (`companion/reader/grounds.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from companion.domain import CrisisKind, CrisisLevel, OldRule, ShamingCategory, Situation
from companion.reader.encoder import Tokens

HEADS: dict[str, tuple[str, ...]] = {
    "situation": tuple(name.value for name in Situation),
    "also": ("none", *(name.value for name in Situation)),
    "old_rule": ("none", *(name.value for name in OldRule)),
    "crisis": tuple(name.value for name in CrisisLevel),
    "crisis_kind": tuple(name.value for name in CrisisKind),
    "shaming": ("none", *(name.value for name in ShamingCategory)),
}


@dataclass(frozen=True)
class Base:
    """A pretrained BERT encoder on disk, of MiniLM's shape, with the embedder's tokenizer."""

    name: str
    folder: Path
    learning_rate: float


class Network(nn.Module):
    """Gives logits of shape (texts, labels) for each head."""

    def __init__(self, base: Base, *, pretrained: bool = True) -> None:
        super().__init__()
        self.base = base
        if pretrained:
            # On a processor, plain attention without dropout takes two thirds of the time.
            self.encoder = AutoModel.from_pretrained(
                base.folder,
                add_pooling_layer=False,
                attention_probs_dropout_prob=0.0,
                attn_implementation="eager",
            )
        else:
            config = AutoConfig.from_pretrained(base.folder)
            self.encoder = AutoModel.from_config(config, add_pooling_layer=False)
        width = self.encoder.config.hidden_size
        self.heads = nn.ModuleDict({name: nn.Linear(width, len(HEADS[name])) for name in HEADS})
        self.dropout = nn.Dropout(0.1)
        # Few rows hold most words once or never: what the encoder knows of words is kept.
        for name, parameter in self.encoder.named_parameters():
            if "word_embeddings" in name or "position_embeddings" in name:
                parameter.requires_grad = False

    def forward(self, ids: Tensor, mask: Tensor, types: Tensor) -> dict[str, Tensor]:
        states = self.encoder(
            input_ids=ids, attention_mask=mask, token_type_ids=types
        ).last_hidden_state
        own = ((types == 0) & (mask == 1)).unsqueeze(-1).float()
        mean = (states.float() * own).sum(1) / own.sum(1)
        mean = self.dropout(mean)
        return {name: head(mean) for name, head in self.heads.items()}


def batch(texts: Sequence[Tokens]) -> tuple[Tensor, Tensor, Tensor]:
    """Give ids, mask and types, padded to the longest text."""
    longest = max(len(text.ids) for text in texts)

    def padded(rows: list[list[int]], filling: int) -> Tensor:
        return torch.tensor([row + [filling] * (longest - len(row)) for row in rows])

    return (
        padded([text.ids for text in texts], 0),
        padded([[1] * len(text.ids) for text in texts], 0),
        padded([text.types for text in texts], 0),
    )
