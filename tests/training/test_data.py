"""The authored rows: labels of the domain, unique ids, briefs described, no row nearly twice."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import pytest
import yaml

from companion.domain import CrisisKind, CrisisLevel, OldRule, ShamingCategory, Situation
from training import data

MESSAGES, CRISES, REPLIES = data.messages(), data.crises(), data.replies()
BRIEFS = {
    name: about
    for path in sorted((data.DATA / "briefs").glob("*.yaml"))
    for name, about in yaml.safe_load(path.read_text(encoding="utf-8")).items()
}
PIECE = 4
"""Words in a row that two texts must share before they are compared."""


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


def test_there_is_enough_of_each() -> None:
    assert len(MESSAGES) >= 750
    assert len(CRISES) >= 400
    assert len(REPLIES) >= 900


def test_no_label_is_missing() -> None:
    assert {row.situation for row in MESSAGES} == set(Situation)
    assert {row.old_rule for row in MESSAGES} == {*OldRule, None}
    assert {row.level for row in CRISES} == set(CrisisLevel)
    assert {row.kind for row in CRISES} == {*CrisisKind, None}
    assert {row.category for row in REPLIES} == {*ShamingCategory, None}


def test_every_label_has_rows_to_learn_from() -> None:
    for labels, fewest in [
        ([row.situation for row in MESSAGES], 100),
        ([row.level for row in CRISES], 100),
        ([row.category for row in REPLIES], 40),
        ([row.old_rule for row in MESSAGES], 20),
        ([row.kind for row in CRISES if row.kind], 20),
    ]:
        counts = Counter(labels)
        assert min(counts.values()) >= fewest, counts


@pytest.mark.parametrize("rows", [MESSAGES, CRISES, REPLIES], ids=["messages", "crises", "replies"])
def test_ids_are_unique_and_begin_with_their_brief(rows: list) -> None:
    counts = Counter(row.id for row in rows)
    assert [key for key, count in counts.items() if count > 1] == []
    assert [row.id for row in rows if not row.id.startswith(row.brief)] == []


@pytest.mark.parametrize(
    ("folder", "rows"),
    [("messages", MESSAGES), ("crisis", CRISES), ("replies", REPLIES)],
    ids=["messages", "crises", "replies"],
)
def test_every_brief_is_described_and_has_its_own_file(folder: str, rows: list) -> None:
    for path in sorted((data.DATA / folder).glob("*.jsonl")):
        assert path.stem in BRIEFS, path.name
        assert BRIEFS[path.stem]["kind"] == folder
        assert len(BRIEFS[path.stem]["about"]) > 40
    assert {row.brief for row in rows} == {p.stem for p in (data.DATA / folder).glob("*.jsonl")}


def test_no_brief_is_described_without_rows() -> None:
    written = {path.stem for path in data.DATA.glob("*/*.jsonl")}
    assert set(BRIEFS) <= written


def test_many_writers_were_imagined() -> None:
    for rows in (MESSAGES, CRISES, REPLIES):
        counts = Counter(row.brief for row in rows)
        assert len(counts) >= 12
        assert max(counts.values()) < 0.15 * len(rows)


def test_labels_do_not_contradict_each_other() -> None:
    assert [row.id for row in MESSAGES if row.also is row.situation] == []
    assert [row.id for row in CRISES if (row.kind is None) != (row.level is CrisisLevel.NONE)] == []


def test_texts_are_not_empty_and_fit_the_reader() -> None:
    for text in [
        *(row.text for row in [*MESSAGES, *CRISES]),
        *(row.message for row in REPLIES),
        *(row.sentence for row in REPLIES),
    ]:
        assert text == text.strip()
        assert 0 < len(text) <= 1500


def test_what_is_nearly_the_same_is_found() -> None:
    one = "my sister told everyone at the wedding that i was the lazy one"
    other = "My sister told everyone at the wedding, that I was the lazy one!"
    assert near_duplicates([one, other, "the bus was late again this morning"]) == [(one, other)]
    assert near_duplicates([one, "my sister drove two hours to sit with me"]) == []


@pytest.mark.parametrize(
    "texts",
    [
        [row.text for row in [*MESSAGES, *CRISES]],
        [row.sentence for row in REPLIES],
    ],
    ids=["messages", "sentences"],
)
def test_no_row_is_nearly_another(texts: list[str]) -> None:
    assert near_duplicates(texts) == []


def test_no_text_stands_twice_in_its_table() -> None:
    for texts in (
        [row.text for row in [*MESSAGES, *CRISES]],
        [row.sentence for row in REPLIES],
    ):
        counts = Counter(" ".join(said(text)) for text in texts)
        # "Yes." may be said to two people; a longer text that stands twice was copied.
        repeated = [text for text, count in counts.items() if count > 1]
        assert [text for text in repeated if len(text.split()) > 3] == []


def test_a_label_that_is_not_the_domain_s_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "messages"
    folder.mkdir()
    row = {"id": "a-1", "brief": "a", "text": "x", "situation": "sad", "also": None}
    (folder / "a.jsonl").write_text(json.dumps(row | {"old_rule": None}), encoding="utf-8")
    with pytest.raises(ValueError):
        data.messages(tmp_path)


def test_a_line_that_is_not_json_says_where(tmp_path: Path) -> None:
    folder = tmp_path / "crisis"
    folder.mkdir()
    (folder / "a.jsonl").write_text("\n{\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.jsonl:2"):
        data.crises(tmp_path)
