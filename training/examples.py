"""From authored rows to what the network learns from: texts, contexts and targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from companion.domain import PastTurn
from companion.reader.encoder import answered, before
from companion.shipped import shipped
from companion.steps.guard import fingerprint
from companion.text import plain, words
from training.data import CrisisRow, MessageRow, ReplyRow, Row
from training.network import HEADS

STRAY = 0.25
"""Share of messages that are, each time round, read after somebody else's message: a change of
subject must not change how a message of its own is read."""
ROUGH = 0.12
"""Share of messages that are, each time round, read without punctuation and with slips."""
SLIPS = 0.04
_NO_POINTS = str.maketrans("", "", '.,;:!"')
OF_ITS_OWN = 8
"""Words from which a message stands for itself."""


@dataclass(frozen=True)
class Example:
    """`targets` holds a label's place for each head this row says something about."""

    text: str
    context: str
    targets: Mapping[str, int]

    @property
    def is_message(self) -> bool:
        return "shaming" not in self.targets


def example(row: Row) -> Example:
    if isinstance(row, ReplyRow):
        name = row.category.value if row.category else "none"
        targets = {"shaming": HEADS["shaming"].index(name)}
        return Example(plain(row.sentence), answered(row.message), targets)
    if isinstance(row, MessageRow):
        said = {
            "situation": row.situation.value,
            "also": row.also.value if row.also else "none",
            "old_rule": row.old_rule.value if row.old_rule else "none",
            "crisis": "none",
        }
    else:
        assert isinstance(row, CrisisRow)
        said = {"crisis": row.level.value}
        if row.kind:
            said["crisis_kind"] = row.kind.value
    targets = {head: HEADS[head].index(name) for head, name in said.items()}
    return Example(plain(row.text), before(row.history), targets)


def own_sentences() -> list[Example]:
    """Give a third of the sentences that the product itself says: read, and found not to shame.

    Which third follows from the wording; what the guard makes of the others is the audit's to say.
    """
    learned = []
    for item in shipped():
        if int(fingerprint(item.sentence), 16) % 3 == 0:
            text = plain(item.draft.text)
            context = answered(item.context)
            learned.append(Example(text, context, {"shaming": 0}))
    return learned


def roughened(text: str, random: Random) -> str:
    """Give the text as a tired thumb types it: no punctuation, and now and then a slip."""
    typed = text.replace("'", "").translate(_NO_POINTS).split()
    for place, word in enumerate(typed):
        if len(word) > 3 and random.random() < SLIPS:
            cut = random.randrange(1, len(word) - 1)
            swapped = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
            typed[place] = random.choice((word[:cut] + word[cut + 1 :], swapped))
    return " ".join(typed) or text


def as_met(examples: Sequence[Example], random: Random) -> list[Example]:
    """Put some messages after a stranger's message and a reply, and type some of them roughly."""
    messages = [one for one in examples if one.is_message]
    replies = [one for one in examples if not one.is_message]
    mixed = []
    for one in examples:
        alone = one.is_message and not one.context and len(words(one.text)) >= OF_ITS_OWN
        if alone and random.random() < STRAY:
            reply = random.choice(replies).text if replies and random.random() < 0.7 else ""
            past = PastTurn(random.choice(messages).text, reply)
            one = replace(one, context=before((past,)))
        if one.is_message and random.random() < ROUGH:
            one = replace(one, text=roughened(one.text, random))
        mixed.append(one)
    return mixed
