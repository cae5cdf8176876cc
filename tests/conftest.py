"""No test reaches a network, reads a person's environment or writes outside its own folder.

What is slow to make is made once a process: the encoder, the reader, the embedded voice and a
Companion in memory. They hold nothing of anybody's; ask `companion` for an empty one.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# A busy computer is not a failure. In CI the examples are the same ones every time.
settings.register_profile(
    "companion",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("companion")

LOOPBACK_NAMES = {"localhost", "ip6-localhost", "localhost.localdomain", socket.gethostname(), ""}
FORGOTTEN = ("COMPANION_", "OPENAI_", "LANGSMITH_", "LANGCHAIN_", "STREAMLIT_", "ANTHROPIC_")
PROXIES = {"http_proxy", "https_proxy", "all_proxy", "ftp_proxy", "no_proxy"}

_attempts: list[str] = []


def _is_here(host: Any) -> bool:
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if host is None or host in LOOPBACK_NAMES:
        return True
    try:
        address = ip_address(str(host).split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _note(host: Any) -> None:
    # `.invalid` can never be found by anyone; tests name it to see what happens then.
    if not str(host).endswith(".invalid"):
        _attempts.append(str(host))


def _allowed(made: socket.socket, address: Any) -> bool:
    if made.family not in {socket.AF_INET, socket.AF_INET6}:
        return True
    return _is_here(address[0])


def _guarded(name: str) -> Callable[..., Any]:
    original = getattr(socket.socket, name)

    def call(self: socket.socket, *given: Any) -> Any:
        address = given[-1] if name == "sendto" else given[0]
        if not _allowed(self, address):
            _note(address[0])
            raise ConnectionRefusedError(f"tests reach no network, and this is {address[0]}")
        return original(self, *given)

    return call


def _looked_up(name: str) -> Callable[..., Any]:
    original = getattr(socket, name)

    def call(host: Any = None, *given: Any, **more: Any) -> Any:
        if not _is_here(host):
            _note(host)
            raise socket.gaierror(socket.EAI_NONAME, "tests look up no names")
        return original(host, *given, **more)

    return call


def pytest_configure(config: pytest.Config) -> None:
    worker = hasattr(config, "workerinput")
    cache = os.environ.get("COMPANION_CACHE") if worker else None
    for name in list(os.environ):
        if name.startswith(FORGOTTEN) or name.casefold() in PROXIES:
            del os.environ[name]
    # One cache for a whole run, and none of the person's; the workers use the first process's.
    os.environ["COMPANION_CACHE"] = cache or mkdtemp(prefix="companion-tests-")
    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, _guarded(name))
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        setattr(socket, name, _looked_up(name))


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        rmtree(os.environ["COMPANION_CACHE"], ignore_errors=True)


@pytest.fixture
def attempts() -> list[str]:
    """Where this process tried to go; a test that tries on purpose takes its own off the list."""
    return _attempts


@pytest.fixture(autouse=True)
def no_network(attempts: list[str]) -> Iterator[None]:
    """Fail whoever tried to leave this computer, also when the refusal was swallowed."""
    before = len(attempts)
    yield
    assert attempts[before:] == [], "this test tried to reach a network"


@pytest.fixture(autouse=True)
def clean_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Data and keys go to a folder of the test's own; the rest was forgotten at the start."""
    own = tmp_path_factory.getbasetemp() / f"own-{os.urandom(6).hex()}"
    monkeypatch.setenv("COMPANION_DATA", str(own / "data"))
    monkeypatch.setenv("COMPANION_KEYS", str(own / "keys"))
    # A scripted model answers everything alike; its trial has tests of its own.
    monkeypatch.setenv("COMPANION_MODEL_TRIAL", "no")


@pytest.fixture(scope="session")
def embedder() -> Any:
    """The process's one encoder."""
    from companion.build import shared_embedder

    return shared_embedder()


@pytest.fixture(scope="session")
def reader() -> Any:
    """The process's one reader."""
    from companion.build import shared_reader

    return shared_reader()


@pytest.fixture(scope="session")
def embedded_voice(in_memory: Any) -> Any:
    return in_memory.workflow.use.embedded


@pytest.fixture(scope="session")
def guard(in_memory: Any) -> Any:
    return in_memory.workflow.use.guard


@pytest.fixture(scope="session")
def triager(in_memory: Any) -> Any:
    return in_memory.workflow.use.triager


@pytest.fixture(scope="session")
def in_memory(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A Companion without a language model that writes nothing; shared, so leave it empty."""
    from companion.build import build_in_memory
    from companion.settings import Settings

    nowhere = tmp_path_factory.mktemp("nowhere")
    settings = Settings(
        data=nowhere / "data",
        keys=nowhere / "keys",
        base_url=None,
        gguf=None,
        model=None,
        api_key=None,
        country=None,
    )
    return build_in_memory(settings)


@pytest.fixture
def moving_clock() -> Callable[[], datetime]:
    """A clock that goes on by a minute whenever it is read."""
    moment = [datetime(2026, 3, 9, 20, tzinfo=UTC)]

    def now() -> datetime:
        moment[0] += timedelta(minutes=1)
        return moment[0]

    return now


@pytest.fixture
def companion(in_memory: Any, moving_clock: Callable[[], datetime]) -> Any:
    """A Companion of its own for a test: empty, with a clock that moves."""
    return in_memory.alone(moving_clock)
