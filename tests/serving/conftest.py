"""One server for all that need no model; it keeps nothing, so that tests can share it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from companion.build import build_in_memory
from companion.settings import Settings
from tests.models.server import Behaviour, Log, serving
from tests.serving.running import Served, serving_it


@pytest.fixture(scope="session")
def served(in_memory: Any, reader: Any) -> Iterator[Served]:
    with serving_it(in_memory, reader) as running:
        yield running


@pytest.fixture
def speaking(reader: Any) -> Callable[..., Any]:
    """Gives a function that serves a companion whose voice is a scripted model."""

    @contextmanager
    def start(
        behaviour: Behaviour, terms: dict[str, Any] | None = None, **more: Any
    ) -> Iterator[tuple[Served, Log]]:
        with serving(behaviour) as (address, log):
            settings = Settings(base_url=address, model="tiny", **{"model_reads": False} | more)
            companion = build_in_memory(settings)
            with serving_it(companion, reader, **terms or {}) as running:
                yield running, log
            assert companion.retire
            companion.retire()

    return start
