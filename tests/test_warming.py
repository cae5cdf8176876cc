"""Before the first message a model here gets ready, and one elsewhere is asked nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from companion import connection
from companion.build import warm
from companion.prompts import document
from tests.models import server as servers
from tests.models.server import serving
from tests.models.test_check import capable
from tests.models.test_failing_turns import GOOD, built

# Nothing here is about waiting, and this may be the busiest computer there is.
PATIENT = {"first_token_seconds": 30, "between_tokens_seconds": 30, "total_seconds": 60}


def test_a_model_here_reads_its_prompts_and_is_tried(tmp_path: Path) -> None:
    with serving(servers.asking(capable)) as (address, log):
        companion = built(address, tmp_path, model_reads=True, **PATIENT)
        warm(companion)
    asked = [json.loads(one.body) for one in log.chats]
    prompts = [body for body in asked if body["messages"][0]["role"] == "system"]
    assert len({body["messages"][0]["content"] for body in prompts}) == 5
    assert all(body["max_tokens"] == 1 for body in prompts)
    probes = [body["messages"][0]["content"] for body in asked if body not in prompts]
    assert len(probes) == len(document("probes"))
    assert companion.workflow.use.reader._second.proof.believed


def test_a_model_elsewhere_is_asked_nothing_before_a_message_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "is_loopback", lambda host: False)
    with serving(servers.says(*GOOD)) as (address, log):
        warm(built(address, tmp_path, model_reads=True, **PATIENT))
    assert not log.chats


def test_a_model_that_is_down_keeps_nobody_from_beginning(tmp_path: Path) -> None:
    warm(built("http://127.0.0.1:9/v1", tmp_path, model_reads=True, **PATIENT))


def test_trying_is_done_once(tmp_path: Path) -> None:
    with serving(servers.asking(capable)) as (address, log):
        companion = built(address, tmp_path, model_reads=True, **PATIENT)
        assert companion.settle
        companion.settle()
        first = len(log.chats)
        companion.settle()
    # The prompts are read again, which costs a server that still knows them nothing.
    assert len(log.chats) - first == 5
