"""The cases are valid, balanced, and nowhere in what the product was made from."""

import json
from collections import Counter, defaultdict
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pytest
import yaml

from companion.domain import ShamingCategory
from companion.text import sentences

ROOT = Path(__file__).parents[2]
CASES = ROOT / "evals" / "shaming" / "data" / "replies.jsonl"
NEAR = 0.85
LETTERS = " abcdefghijklmnopqrstuvwxyz'.,?!0123456789"
OTHER = len(LETTERS)
COLUMN = {letter: place for place, letter in enumerate(LETTERS)}

ROWS = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]


def test_every_row_has_exactly_the_fields():
    allowed = {None, *(category.value for category in ShamingCategory)}
    for row in ROWS:
        assert list(row) == ["id", "brief", "message", "reply", "category", "pair"]
        assert row["category"] in allowed, row["id"]
        assert row["message"].strip()
        assert 1 <= len(sentences(row["reply"])) <= 2, row["id"]


def test_ids_and_replies_are_unique():
    assert len({row["id"] for row in ROWS}) == len(ROWS) >= 220
    assert len({plain(row["reply"]) for row in ROWS}) == len(ROWS)


def test_every_category_has_cases_and_half_of_all_shame_nobody():
    counts = Counter(row["category"] for row in ROWS)
    assert all(counts[category.value] >= 10 for category in ShamingCategory)
    assert 0.4 <= counts[None] / len(ROWS) <= 0.6


def test_pairs_are_one_use_and_one_mention():
    pairs = defaultdict(list)
    for row in ROWS:
        if row["pair"]:
            pairs[row["pair"]].append(row["category"])
    assert len(pairs) >= 30
    for name, categories in pairs.items():
        assert len(categories) == 2, name
        assert categories.count(None) == 1, name


def plain(text):
    return " ".join(text.casefold().replace("’", "'").split())


def strings(value):
    if isinstance(value, str):
        yield plain(value)
    elif isinstance(value, dict):
        for inside in value.values():
            yield from strings(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from strings(inside)


def made_from():
    """Every text of the training data and the prompts, and each of their sentences."""
    found = set()
    for path in (ROOT / "training" / "data").rglob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            found.update(strings(json.loads(line)) if line.strip() else ())
    for folder in (ROOT / "training" / "data", ROOT / "prompts"):
        for path in folder.rglob("*.yaml"):
            # The C loader: there are thousands of lines.
            loaded = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
            found.update(strings(loaded))
    found |= {sentence for text in found for sentence in sentences(text)}
    return sorted(text for text in found if len(text) >= 15)


def counted(texts):
    """Count the letters of each text: what two texts share bounds how alike they can be."""
    counts = np.zeros((len(texts), OTHER + 1), dtype=np.int16)
    for row, text in enumerate(texts):
        for letter in text:
            counts[row, COLUMN.get(letter, OTHER)] += 1
    return counts


def near(mine, theirs, above=NEAR):
    """Give the pairs that difflib finds more alike than `above`; nothing is missed."""
    found, letters = [], counted(theirs)
    sizes = letters.sum(axis=1)
    for text, own in zip(mine, counted(mine)):
        bound = 2 * np.minimum(letters, own).sum(axis=1) / (sizes + own.sum())
        for place in np.flatnonzero(bound > above):
            ratio = SequenceMatcher(None, text, theirs[place], autojunk=False).ratio()
            if ratio > above:
                found.append((round(ratio, 3), text, theirs[place]))
    return found


@pytest.fixture(scope="module")
def theirs():
    texts = made_from()
    assert len(texts) > 5_000, "the training data or the prompts were not found"
    return texts


def test_no_case_is_in_what_the_product_was_made_from(theirs):
    replies = {plain(row["reply"]) for row in ROWS}
    said = {plain(sentence) for row in ROWS for sentence in sentences(row["reply"])}
    messages = {plain(row["message"]) for row in ROWS}
    mine = sorted(text for text in replies | said | messages if len(text) >= 15)
    assert set(mine) & set(theirs) == set()
    assert near(mine, theirs) == []


def test_a_copy_with_one_word_changed_would_be_found(theirs):
    copied = max(theirs[:500], key=len)
    changed = copied.replace(copied.split()[1], "cabbage", 1)
    assert near([changed], theirs)


def test_briefs_are_the_suites_own():
    trained = {path.stem for path in (ROOT / "training" / "data").rglob("*.jsonl")}
    assert trained
    assert {row["brief"] for row in ROWS} & trained == set()
