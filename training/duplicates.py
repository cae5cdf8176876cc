"""Find rows that say nearly the same: `python -m training.duplicates`. Lists pairs to be read.

Three measures: runs of four words shared, nearness in meaning (by the shipped embedder), and
skeletons,
which are what is left of a text when its content words are taken out: a family of equal skeletons
is what filling templates looks like.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np

from companion.embedder import MiniLM
from training import data

PIECE = 4
"""Words in a row that two texts must share before they are compared."""
ALIKE_IN_MEANING = 0.93
FEWEST = 7
"""Words from which a text is compared in meaning, and a skeleton says anything."""
LEAST_FUNCTION = 3
"""Function words that make a skeleton one."""
_FUNCTION = frozenset(
    """
    a an the i you he she it we they me him her us them my your his its our their mine yours this
    that these those and or but so if because when while than then as at by for from in into of off
    on out over to up with about after before is are was were be been am do does did have has had
    will would can could should may might must not no yes just really very too also even still
    what who why how which where there here
    """.split()
)


def said(text: str) -> list[str]:
    bare = unicodedata.normalize("NFKD", text).casefold()
    return re.findall(r"\w+", bare)


def near_duplicates(texts: Iterable[str], alike: float = 0.7) -> list[tuple[str, str]]:
    """Give pairs whose runs of words overlap by more than `alike` (Jaccard)."""
    runs = []
    for text in dict.fromkeys(texts):
        words = said(text)
        size = min(PIECE, len(words))
        found = {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}
        runs.append((text, found - {()}))
    holders = defaultdict(set)
    for place, (_, pieces) in enumerate(runs):
        for piece in pieces:
            holders[piece].add(place)
    compared = {pair for places in holders.values() for pair in combinations(sorted(places), 2)}
    return [
        (runs[one][0], runs[other][0])
        for one, other in sorted(compared)
        if len(runs[one][1] & runs[other][1]) > alike * len(runs[one][1] | runs[other][1])
    ]


def alike_in_meaning(
    texts: Sequence[str], least: float = ALIKE_IN_MEANING
) -> list[tuple[str, str]]:
    """Give pairs of texts of some length that mean nearly the same."""
    long = [text for text in texts if len(said(text)) >= FEWEST]
    vectors = MiniLM().embed(long)
    pairs = []
    for start in range(0, len(long), 512):
        near = vectors[start : start + 512] @ vectors.T
        for row, column in np.argwhere(near >= least):
            if start + row < column:
                pairs.append((long[start + row], long[column]))
    return pairs


def families(texts: Sequence[str], least: int = 3) -> list[list[str]]:
    """Give groups of at least `least` texts with the same skeleton."""
    held: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        words = said(text)
        if len(words) >= FEWEST and sum(word in _FUNCTION for word in words) >= LEAST_FUNCTION:
            held[" ".join(word if word in _FUNCTION else "_" for word in words)].append(text)
    return [group for group in held.values() if len(group) >= least]


def main() -> None:
    tables = {
        "messages and crisis": [
            *(row.text for f in (data.DATA, data.TEST) for row in data.messages(f)),
            *(row.text for f in (data.DATA, data.TEST) for row in data.crises(f)),
        ],
        "sentences": [row.sentence for f in (data.DATA, data.TEST) for row in data.replies(f)],
    }
    for name, texts in tables.items():
        print(f"{name}: {len(texts)} texts")
        for title, pairs in (
            ("share their words", near_duplicates(texts)),
            ("mean nearly the same", alike_in_meaning(texts)),
            ("have one skeleton", families(texts)),
        ):
            print(f"  {len(pairs)} {title}")
            for pair in pairs:
                print("    " + "  |  ".join(pair))


if __name__ == "__main__":
    main()
