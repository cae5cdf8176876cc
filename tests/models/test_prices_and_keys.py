"""What a turn cost, where prices are configured; and keys, that belong to one address."""

from __future__ import annotations

import os
import stat
from decimal import Decimal
from pathlib import Path

import pytest

from companion.connection import Connection, VoiceKind
from companion.errors import SettingsError
from companion.events import Finished
from companion.models.keyring import FILE, keep_key, key_for
from companion.models.prices import price_of
from companion.settings import Settings
from companion.usage import NOTHING_SPENT, Cost, Price, Usage
from tests.models import server as servers
from tests.models.server import serving
from tests.models.test_failing_turns import GOOD, Talk, built

TABLE = """
[tiny]
currency = "EUR"
prompt = 0.40
cached = 0.10
completion = 1.60
["without.cached"]
currency = "USD"
prompt = 2
completion = 8
[broken]
currency = "USD"
[negative]
currency = "USD"
prompt = -1
completion = 1
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "prices.toml"
    file.write_text(TABLE)
    return file


def test_a_price_is_of_a_million_tokens_and_cached_ones_are_cheaper(table: Path) -> None:
    price = price_of("tiny", table)
    assert price == Price("EUR", Decimal("0.40"), Decimal("1.60"), Decimal("0.10"))
    cost = price.of(Usage(prompt=1_000, completion=100, cached=600, requests=1))
    assert cost == Cost(Decimal("0.000380"), "EUR")


def test_without_a_cached_price_all_tokens_cost_the_same(table: Path) -> None:
    price = price_of("without.cached", table)
    assert price is not None
    assert price.of(Usage(prompt=1_000, cached=600)).amount == Decimal("0.002")


def test_what_was_estimated_is_not_exact(table: Path) -> None:
    price = price_of("tiny", table)
    assert price is not None
    assert not price.of(Usage(prompt=10, told=False)).exact


@pytest.mark.parametrize(("model", "there"), [("other", True), (None, True), ("tiny", False)])
def test_no_price_is_no_cost(table: Path, model: str | None, there: bool) -> None:
    assert price_of(model, table if there else None) is None


@pytest.mark.parametrize("model", ["broken", "negative"])
def test_a_price_that_is_none_is_said_in_a_sentence(table: Path, model: str) -> None:
    with pytest.raises(SettingsError, match=f"“{model}” in COMPANION_PRICES"):
        price_of(model, table)


@pytest.mark.parametrize("text", ["[tiny", None])
def test_a_table_that_cannot_be_read_is_said_in_a_sentence(
    tmp_path: Path, text: str | None
) -> None:
    file = tmp_path / "prices.toml"
    if text:
        file.write_text(text)
    with pytest.raises(SettingsError, match="cannot be read as TOML"):
        price_of("tiny", file)


def test_usage_adds_up_and_one_estimate_makes_the_sum_one() -> None:
    told = Usage(10, 2, 4, 1, counted_by="tiktoken")
    guess = Usage(7, 1, 0, 1, told=False, turns_left_out=3)
    assert told + guess == Usage(17, 3, 4, 2, False, "tiktoken", 3)
    assert NOTHING_SPENT + told == told


def test_a_turn_says_what_it_cost_with_all_its_requests(table: Path, tmp_path: Path) -> None:
    with serving(servers.says(*GOOD, usage=(1_000, 100))) as (address, _):
        talk = Talk(built(address, tmp_path, prices=table))
        finished = talk.say()[-1]
    assert isinstance(finished, Finished)
    assert finished.usage == Usage(1_000, 100, requests=1, counted_by="an estimate")
    assert finished.cost == Cost(Decimal("0.00056"), "EUR")
    assert talk.last.trace["cost"] == {"amount": "0.00056", "currency": "EUR", "exact": True}
    assert talk.last.trace["usage"]["prompt"] == 1_000
    assert talk.last.trace["host"] is None


def test_a_turn_without_a_model_costs_nothing(companion) -> None:
    talk = Talk(companion)
    finished = talk.say()[-1]
    assert finished.usage == NOTHING_SPENT
    assert "usage" not in talk.last.trace


def at(address: str) -> Connection:
    return Connection(VoiceKind.ADDRESS, address, "tiny")


def test_the_environments_key_is_for_its_own_address(tmp_path: Path) -> None:
    settings = Settings(base_url="https://one.example/v1", api_key="env", keys=tmp_path)
    assert key_for(settings, at("https://one.example/v1")) == "env"
    assert key_for(settings, at("https://two.example/v1")) is None
    assert key_for(settings, at("http://one.example/v1")) is None
    assert key_for(settings, Connection()) is None


def test_a_kept_key_is_for_one_address_and_closed_to_others(tmp_path: Path) -> None:
    settings = Settings(keys=tmp_path / "keys")
    keep_key(settings, "https://one.example/v1", "mine")
    keep_key(settings, "https://two.example/v1", "other")
    assert key_for(settings, at("https://ONE.example/other")) == "mine"
    assert key_for(settings, at("https://one.example:8443/v1")) is None
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "keys" / FILE).stat().st_mode) == 0o600


def test_a_key_can_be_forgotten(tmp_path: Path) -> None:
    settings = Settings(keys=tmp_path)
    keep_key(settings, "https://one.example/v1", "mine")
    keep_key(settings, "https://one.example/v1", None)
    assert key_for(settings, at("https://one.example/v1")) is None
    assert "mine" not in (tmp_path / FILE).read_text()
    keep_key(settings, "https://one.example/v1", None)


def test_kept_keys_that_are_damaged_are_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    with pytest.raises(SettingsError, match="cannot be read"):
        key_for(Settings(keys=tmp_path), at("https://one.example/v1"))


def test_keys_that_cannot_be_written_are_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file where the folder should be")
    with pytest.raises(SettingsError, match=r"cannot be read|could not be kept"):
        keep_key(Settings(keys=tmp_path / "keys"), "https://one.example/v1", "mine")
