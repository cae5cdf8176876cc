"""The authored exchanges as a library: which wordings of a move suit a message, best first.

A wording suits by three things: how near its exchange's message is, how near the wording itself is,
and whether it names a detail that the message tells. The bounds rest on pairs of a message and a
wording that people judged; the table stands in docs/voice.md. Few fit that are not near, so the
rest is left to the wordings that are right by construction: those written for one detail, and those
for any message.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from companion.domain import Move, Situation
from companion.people import speakers
from companion.ports import Embedder, SpeakingBrief, Vectors
from companion.text import in_context, plain, words
from companion.vectors import shipped_vectors
from companion.voice.details import Details
from companion.voice.exchanges import AuthoredExchange, Option, unslotted

RELATION, OLD_RULE = 0.04, 0.02
"""What a shared person or old rule adds to the nearness of an exchange."""
CUE = 0.1
"""What the rarest detail adds to an option that names it; a common one adds less."""
IN_THE_GROUNDS = 1.4
"""How much more a detail counts that stands in the words the reading rests on."""
NEAR = 0.46
"""Nearness, from exchange and wording, from which one is said that names no detail."""
TELLING = 0.4
"""The same for one that does: below, the word is shared by chance, in another kind of moment."""
OF_DETAIL = 0.4
"""What a wording scores that is true of any message with its detail, before the detail counts."""
ANY = 0.3
"""What a wording scores that is true of any message of its situation."""
SHORT = 10
"""Words of a message in which hardly anything is told by the way."""
MOST_CHARACTERS = 900


@dataclass(frozen=True)
class Offer:
    """A wording that suits, from its exchange; the greater the score, the better it suits."""

    score: float
    exchange: AuthoredExchange
    option: Option


@dataclass(frozen=True)
class _Shelf:
    """All wordings of one move in one situation, side by side. `places` says whose they are.

    `plain` are those without a cue, `for_any` those that are true of any message.
    """

    offered: tuple[tuple[AuthoredExchange, Option], ...]
    places: np.ndarray
    vectors: Vectors
    plain: np.ndarray
    for_any: tuple[int, ...]
    by_cue: Mapping[str, Sequence[int]]


class Moment:
    """One message as the library sees it; made once a reply."""

    def __init__(self, brief: SpeakingBrief, vector: Vectors) -> None:
        self.vector = vector
        self.details = Details(brief.message)
        self.grounds = Details(" ".join(span.of(brief.message) for span in brief.words))
        self.people = {name.split()[-1] for _, name in speakers(brief.message)}
        self.old_rule = brief.old_rule
        self.short = len(words(brief.message)) <= SHORT
        self.nearness: dict[Situation, Vectors] = {}


class Library:
    """Thread-safe. The vectors ship with the texts, or are made once; see `companion.vectors`."""

    def __init__(self, embedder: Embedder, exchanges: Sequence[AuthoredExchange]) -> None:
        self._embedder = embedder
        self._exchanges = {
            situation: tuple(
                one for one in exchanges if one.situation is situation and not one.pressed
            )
            for situation in Situation
        }
        self._vectors = {
            situation: shipped_vectors(embedder, [plain(one.message) for one in found])
            for situation, found in self._exchanges.items()
        }
        self._shelves = {
            (situation, move): _shelf(embedder, found, move)
            for situation, found in self._exchanges.items()
            for move in Move
            if any(move in one.moves for one in found)
        }
        self._rarity = _rarity(exchanges)

    def moment(self, brief: SpeakingBrief) -> Moment:
        before = brief.history[-1].message if brief.history else None
        text = in_context(brief.message, before)[-MOST_CHARACTERS:]
        return Moment(brief, self._embedder.embed([text])[0])

    def nearest(self, situation: Situation, moment: Moment) -> list[tuple[float, AuthoredExchange]]:
        """Give the exchanges of a situation with their nearness, nearest first."""
        nearness = self._nearness(situation, moment)
        order = np.argsort(-nearness, kind="stable")
        return [(float(nearness[i]), self._exchanges[situation][i]) for i in order]

    def offers(self, situation: Situation, move: Move, moment: Moment) -> list[Offer]:
        """Give the wordings of a move that suit, best first. One with cues tells one of them."""
        shelf = self._shelves[situation, move]
        nearness = self._nearness(situation, moment)
        near = (nearness[shelf.places] + shelf.vectors @ moment.vector) / 2
        found = []
        for i in shelf.for_any:
            found.append(Offer(ANY + float(near[i]) / 10, *shelf.offered[i]))
        for i in shelf.plain[near[shelf.plain] >= NEAR]:
            found.append(Offer(float(near[i]), *shelf.offered[i]))
        for i, weight in self._told(shelf, moment):
            exchange, option = shelf.offered[i]
            if exchange.told:
                found.append(Offer(OF_DETAIL + weight + float(near[i]) / 10, exchange, option))
            elif near[i] >= TELLING:
                found.append(Offer(float(near[i]) + weight, exchange, option))
        return sorted(found, key=lambda one: -one.score)

    def knows(self, situation: Situation, moment: Moment) -> bool:
        """Say whether there is anything for a message but what is true of any."""
        first = next(move for at, move in self._shelves if at is situation)
        offers = self.offers(situation, first, moment)
        return any(not one.exchange.fits_any for one in offers)

    def _nearness(self, situation: Situation, moment: Moment) -> Vectors:
        if situation not in moment.nearness:
            nearness = self._vectors[situation] @ moment.vector
            for i, one in enumerate(self._exchanges[situation]):
                if one.relation in moment.people:
                    nearness[i] += RELATION
                if moment.old_rule and one.old_rule is moment.old_rule:
                    nearness[i] += OLD_RULE
            moment.nearness[situation] = nearness
        return moment.nearness[situation]

    def _told(self, shelf: _Shelf, moment: Moment) -> Iterator[tuple[int, float]]:
        """Yield each wording that names a detail of the message, and what that is worth."""
        weights: dict[int, float] = {}
        for cue in moment.details.told(shelf.by_cue.keys()):
            central = moment.grounds.holds(cue)
            weight = CUE * self._rarity[cue] * (IN_THE_GROUNDS if central else 1)
            for i in shelf.by_cue[cue]:
                # In a longer message "my mother" may be who was rung about it, and no more.
                if central or moment.short or not shelf.offered[i][0].told:
                    weights[i] = max(weight, weights.get(i, 0.0))
        yield from weights.items()


def _shelf(embedder: Embedder, exchanges: Sequence[AuthoredExchange], move: Move) -> _Shelf:
    offered = [
        (place, exchange, option)
        for place, exchange in enumerate(exchanges)
        for option in exchange.moves.get(move, ())
    ]
    by_cue: dict[str, list[int]] = defaultdict(list)
    for i, (_, exchange, option) in enumerate(offered):
        for cue in option.cues or exchange.told:
            by_cue[cue].append(i)
    return _Shelf(
        offered=tuple((exchange, option) for _, exchange, option in offered),
        places=np.array([place for place, _, _ in offered], dtype=np.intp),
        vectors=shipped_vectors(embedder, [unslotted(option.say) for _, _, option in offered]),
        plain=np.array(
            [
                i
                for i, (_, one, option) in enumerate(offered)
                if not (option.cues or one.told or one.fits_any)
            ],
            dtype=np.intp,
        ),
        for_any=tuple(i for i, (_, one, _) in enumerate(offered) if one.fits_any),
        by_cue=by_cue,
    )


def _rarity(exchanges: Sequence[AuthoredExchange]) -> dict[str, float]:
    """Give from 0 to 1 how rare each cue is among the authored messages."""
    cues = frozenset(
        cue
        for one in exchanges
        for offered in one.moves.values()
        for option in offered
        for cue in option.cues | one.told
    )
    counts = Counter(cue for one in exchanges for cue in Details(one.message).told(cues))
    most = math.log(1 + len(exchanges))
    return {cue: 1 - math.log(1 + counts[cue]) / most for cue in cues}
