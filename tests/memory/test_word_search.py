import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.memory.word_search import WordSearch


def test_the_text_with_the_words_scores_most():
    scores = WordSearch(["a heron by the river", "Sam came over", "it’s a kite"]).scores(
        "the heron"
    )
    assert scores.argmax() == 0
    assert scores[0] > 0
    assert scores[1] == scores[2] == 0


@pytest.mark.parametrize("texts", [[], [""], ["the", "of"], ["💔"]])
def test_texts_without_words_score_nothing(texts):
    assert WordSearch(texts).scores("heron").tolist() == [0.0] * len(texts)


@pytest.mark.parametrize("query", ["", "the of", "zebra", "💔", "\ud800"])
def test_queries_without_known_words_score_nothing(query):
    assert WordSearch(["a heron", "Sam"]).scores(query).tolist() == [0.0, 0.0]


@given(st.lists(st.text(st.characters(), max_size=30), max_size=8), st.text(st.characters()))
def test_no_text_or_query_raises(texts, query):
    assert len(WordSearch(texts).scores(query)) == len(texts)


def test_it_is_silent(capfd, caplog):
    WordSearch(["a heron", "Sam came"] * 50).scores("heron")
    said = capfd.readouterr()
    assert (said.out, said.err, caplog.text) == ("", "", "")
