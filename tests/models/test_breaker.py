"""A model that keeps failing is given a rest, and asked again after it."""

from __future__ import annotations

import pytest

from companion.errors import ContextOverflow, ModelError, SchemaRefused
from companion.models.breaker import FIRST_REST, LONGEST_REST, Breaker
from companion.models.failures import TooManyRequests
from companion.ports import ChatMessage, Ended

ASKED = [ChatMessage("user", "hello")]


class Model:
    name, host, context, counted_by = "tiny", None, 4096, "an estimate"

    def __init__(self) -> None:
        self.error: ModelError | None = ModelError("It fell over.")
        self.asked = 0
        self.closed = False

    def stream(self, messages, *, max_tokens, schema=None):
        self.asked += 1
        yield "Yes"
        if self.error:
            raise self.error
        return Ended("stop")

    def count(self, messages):
        return 1

    def close(self):
        self.closed = True


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def breaker(model: Model, clock: Clock) -> Breaker:
    return Breaker(model, clock)


def ask(breaker: Breaker) -> str:
    try:
        list(breaker.stream(ASKED, max_tokens=5))
    except ModelError as error:
        return str(error)
    return "answered"


def test_one_failure_is_not_enough(breaker: Breaker, model: Model) -> None:
    assert ask(breaker) == "It fell over."
    assert ask(breaker) == "It fell over."
    assert model.asked == 2


def test_after_two_it_rests_and_says_why(breaker: Breaker, model: Model) -> None:
    ask(breaker), ask(breaker)
    said = ask(breaker)
    assert said == "tiny has failed and is asked again in 15 s. What it was: It fell over."
    assert model.asked == 2
    with pytest.raises(ModelError):
        breaker.count(ASKED)


def test_after_the_rest_it_is_asked_again_and_one_more_failure_doubles_it(
    breaker: Breaker, model: Model, clock: Clock
) -> None:
    ask(breaker), ask(breaker)
    clock.now += FIRST_REST
    assert ask(breaker) == "It fell over."
    assert breaker.resting == 2 * FIRST_REST
    for _ in range(10):
        clock.now += LONGEST_REST
        ask(breaker)
    assert breaker.resting == LONGEST_REST


def test_an_answer_ends_it(breaker: Breaker, model: Model, clock: Clock) -> None:
    ask(breaker), ask(breaker)
    clock.now += FIRST_REST
    model.error = None
    assert ask(breaker) == "answered"
    model.error = ModelError("It fell over.")
    ask(breaker)
    assert breaker.resting == 0


def test_a_server_that_names_its_wait_is_taken_at_its_word(breaker: Breaker, model: Model) -> None:
    model.error = TooManyRequests("Later.", 42.0)
    ask(breaker)
    assert breaker.resting == 42.0


def test_a_wait_is_never_longer_than_the_longest(breaker: Breaker, model: Model) -> None:
    model.error = TooManyRequests("Tomorrow.", 86_400.0)
    ask(breaker)
    assert breaker.resting == LONGEST_REST


@pytest.mark.parametrize("error", [ContextOverflow("Too long."), SchemaRefused("No.")])
def test_what_is_not_the_servers_fault_is_not_counted(
    breaker: Breaker, model: Model, error: ModelError
) -> None:
    model.error = error
    for _ in range(5):
        assert ask(breaker) == str(error)
    assert breaker.resting == 0


def test_leaving_early_is_no_failure_and_no_answer(breaker: Breaker, model: Model) -> None:
    for _ in range(3):
        pieces = breaker.stream(ASKED, max_tokens=5)
        assert next(pieces) == "Yes"
        pieces.close()
    assert breaker.resting == 0


def test_it_closes_what_it_holds(breaker: Breaker, model: Model) -> None:
    breaker.close()
    assert model.closed
