import pytest

from companion.memory.forgetting import without, without_in

KEPT = "Rest is not laziness. I get to stop."


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "You wrote “Rest is not laziness. I get to stop.” then.",
            "You wrote “(forgotten).” then.",
        ),
        ("rest is not laziness — i get to stop", "(forgotten)"),
        ("Rest is good.", "Rest is good."),
        ("", ""),
    ],
)
def test_a_whole_quotation_is_taken_out(text, left):
    assert without(text, [KEPT]) == left


def test_a_part_is_taken_out_only_where_the_reflection_was_recalled():
    said = "You said rest is not laziness, and you get to stop."
    assert without(said, [KEPT]) == said
    left = without(said, [KEPT], recalled=True)
    assert left == "You said (forgotten), and you get to stop."


def test_curly_quotes_and_repeats():
    assert without("It’s mine. It's mine.", ["It's mine"]) == "(forgotten). (forgotten)."


@pytest.mark.parametrize("forgotten", ["", "  ", "…"])
def test_a_text_without_words_takes_nothing_else_along(forgotten):
    assert without("Hello there.", [forgotten]) == "Hello there."


def test_emoji_alone():
    assert without("You kept 💔 once.", ["💔"]) == "You kept (forgotten) once."


def test_every_string_of_a_trace():
    trace = {"a": [KEPT, 1, None, {"b": f"so: {KEPT}"}], "id": "one"}
    assert without_in(trace, [KEPT]) == {
        "a": ["(forgotten).", 1, None, {"b": "so: (forgotten)."}],
        "id": "one",
    }
