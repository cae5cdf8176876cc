"""Whole, tidied sentences out of the pieces a language model writes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from companion.errors import PoorReply
from companion.text import words

_END = re.compile(r"[.!?…]+[*_]*[\"'”’)\]]*(?=\s+\S)|\n+")
_ABBREVIATION = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|St|vs|etc|e\.g|i\.e|[ap]\.m))\.$|^\s*\d+\.$")
_PROPER_END = re.compile(r"[.!?…][\"'”’)\]]*$")
_BULLET = re.compile(
    r"^(?:[-*•–]\s+|\d+[.)]\s+|#{1,6}\s+|(?:companion|assistant|reply)\s*:\s*)+", re.I
)
_EMPHASIS = re.compile(r"\*+|(?<!\w)_+|_+(?!\w)")
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_LONGEST = 600
"""Characters without an end of sentence after which nothing readable will come."""


class SentenceStream:
    """Turns pieces of text into whole, tidied sentences. A leading `<think>` part is not spoken."""

    def __init__(self) -> None:
        self._text = ""

    def feed(self, piece: str) -> list[str]:
        """Give the sentences this piece completes. Raises PoorReply when none ever ends."""
        self._text += piece
        if "<think>".startswith(self._text.lstrip()[:7]):
            thought = _THOUGHT.match(self._text)
            if not thought:
                return []
            self._text = self._text[thought.end() :]
        whole, start = [], 0
        for end in _END.finditer(self._text):
            if not _ABBREVIATION.search(self._text[start : end.end()]):
                whole.append(self._text[start : end.end()])
                start = end.end()
        self._text = self._text[start:]
        if len(self._text) > _LONGEST:
            raise PoorReply("The model wrote on without an end, so its reply was stopped.")
        return _tidied(whole)

    def rest(self, *, cut: bool) -> list[str]:
        """Give what is left at the end; what a length limit `cut` in mid-sentence is dropped."""
        left, self._text = self._text.strip(), ""
        if left.startswith("<think>") or (cut and not _PROPER_END.search(left)):
            return []
        return _tidied([left])


def _tidied(pieces: Sequence[str]) -> list[str]:
    tidy = (_EMPHASIS.sub("", _BULLET.sub("", piece.strip())).strip() for piece in pieces)
    return [sentence for sentence in tidy if words(sentence)]
