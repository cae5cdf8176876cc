"""What a message tells, so that a wording can be tied to it: "laughing" is found by "laugh".

Only endings are cut. A full stemmer would take "business" for "busy", and then the wrong detail is
spoken to a person.
"""

from __future__ import annotations

from collections.abc import Set
from functools import lru_cache

from companion.text import words

_ENDINGS = {"ies": "y", "ied": "y", "ing": "", "ed": "", "es": "", "s": "", "e": ""}
_SMALL = frozenset(
    "all and any are but can for had has her him his hop not now off one our".split()
)
"""Words that no other word is a form of: "note" is not "not", "here" is not "her"."""
_SHORTEST = 3
"""Letters of a word that an ending must leave."""


@lru_cache(maxsize=16_384)
def stem(word: str) -> str:
    """Give a lower-case word without the ending of its form."""
    word = word.replace("’", "'").removesuffix("'s")
    for ending, left in _ENDINGS.items():
        short = word.removesuffix(ending) + left
        if word.endswith(ending) and len(short) >= _SHORTEST and short not in _SMALL:
            word = short
            break
    return word[:-1] if len(word) > _SHORTEST and word[-1] == word[-2] else word


def cue(phrase: str) -> str:
    """Give a cue, a word or a short phrase, in the form that `Details` looks for."""
    return " ".join(map(stem, words(phrase)))


LONGEST_PHRASE = 5
"""Words of a cue."""


class Details:
    """The stems of a text and its phrases of stems, for finding cues in it."""

    def __init__(self, text: str) -> None:
        stems = [stem(word) for word in words(text)]
        self._found = frozenset(
            " ".join(stems[start : start + length])
            for length in range(1, LONGEST_PHRASE + 1)
            for start in range(len(stems) - length + 1)
        )

    def holds(self, cue: str) -> bool:
        return cue in self._found

    def told(self, cues: Set[str]) -> Set[str]:
        """Give those of the cues that the text holds."""
        return cues & self._found
