"""A model file that cannot be used is said in one sentence; what is configured is what is made."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from companion.errors import SettingsError
from companion.models import chat_model, memory
from companion.models.gguf import GGUFServer
from companion.settings import Settings
from tests.models.local import smollm2

pytestmark = pytest.mark.xdist_group("local_model")


def test_nothing_configured_is_no_model() -> None:
    assert chat_model(Settings()) is None


def test_an_address_needs_a_model() -> None:
    with pytest.raises(SettingsError, match="name of a model"):
        chat_model(Settings(base_url="http://127.0.0.1:9/v1"))


def test_an_address_gives_a_model_by_its_name() -> None:
    model = chat_model(Settings(base_url="http://127.0.0.1:9/v1", model="tiny"))
    assert model is not None
    assert model.name == "tiny"
    model.close()


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        GGUFServer(tmp_path / "none.gguf")


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_text("not a model")
    with pytest.raises(SettingsError, match="not a GGUF model file"):
        GGUFServer(file)


def test_a_damaged_file(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(SettingsError, match="could not be loaded"):
        GGUFServer(file)


def test_without_the_extra_it_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(SettingsError, match=r"pip install 'companion-reflective\[local\]'"):
        GGUFServer(file)


def test_a_file_larger_than_memory_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "large.gguf"
    file.write_bytes(b"GGUF")
    with file.open("r+b") as sparse:
        sparse.truncate(3_000_000_000)
    monkeypatch.setattr(memory, "available", lambda: 2_000_000_000)
    with pytest.raises(SettingsError, match=r"large\.gguf.* 3\.0 GB large.* 2\.0 GB of memory"):
        GGUFServer(file)


def test_where_memory_is_not_told_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: None)
    memory.check_room("any.gguf", 10**15)
    assert memory.grown(None) is None


def asked(server: GGUFServer, path: str, body: dict[str, Any] | None = None) -> Any:
    request = urllib.request.Request(
        server.base_url.removesuffix("/v1") + path,
        json.dumps(body).encode() if body else None,
        {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def listening(server: GGUFServer) -> bool:
    where = urlsplit(server.base_url)
    with socket.socket() as made:
        return made.connect_ex((where.hostname, where.port)) == 0


def test_one_conversation_has_the_whole_window_and_memory_is_told() -> None:
    server = GGUFServer(smollm2(), context=1536, threads=1)
    assert asked(server, "/props")["default_generation_settings"]["n_ctx"] == 1536
    assert server.threads == 1
    if memory.resident() is not None:
        assert server.memory is not None
    server.close()


def test_one_server_after_another_each_gone_when_closed() -> None:
    for _ in range(2):
        server = GGUFServer(smollm2(), context=512, threads=1)
        assert listening(server)
        loaded = memory.resident()
        # What follows at once is the hard case: a loop that never ran cannot be ended.
        server.close()
        server.close()
        assert not listening(server)
        closed = memory.resident()
        assert loaded is None or closed is None or closed < loaded - 50_000_000


def test_a_conversation_is_found_again_after_an_unrelated_request() -> None:
    server = GGUFServer(smollm2(), context=1024, threads=1)
    conversation = "The sea is wide, and the river is long. " * 20
    unrelated = "Say whether each of these numbers is even: 1, 2, 3, 4. " * 20
    more = {"n_predict": 2, "temperature": 0}
    asked(server, "/completion", {"prompt": conversation, **more})
    asked(server, "/completion", {"prompt": unrelated, **more})
    again = asked(server, "/completion", {"prompt": conversation + "And then?", **more})
    server.close()
    assert again["timings"]["cache_n"] > 5 * again["timings"]["prompt_n"]


LOADS = """
import sys
from pathlib import Path
from companion.models import chat_model
from companion.models.gguf import GGUFServer
from companion.ports import ChatMessage
from companion.settings import Settings
path = Path(sys.argv[1])
{}
"""
ENDINGS = {
    "closed": "GGUFServer(path, context=512, threads=1).close()",
    "left open": "server = GGUFServer(path, context=512, threads=1)",
    "closed at exit": "model = chat_model(Settings(gguf=path, context=512))",
    "left while it speaks": (
        "model = chat_model(Settings(gguf=path, context=512, first_token_seconds=60))\n"
        "words = model.stream([ChatMessage('user', 'Tell me of the sea.')], max_tokens=400)\n"
        "next(words)"
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_program_that_loaded_a_model_ends(ending: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LOADS.format(ENDINGS[ending]), str(smollm2())],
        timeout=120,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


WAITS = """
server = GGUFServer(path, context=512, threads=1)
print("loaded", flush=True)
import time
time.sleep(200)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("when", ["loading", "loaded"])
@pytest.mark.skipif(sys.platform == "win32", reason="signals are other things there")
def test_a_program_that_is_stopped_ends(number: signal.Signals, when: str) -> None:
    program = LOADS.format('print("loading", flush=True)\n' + WAITS)
    with subprocess.Popen(
        [sys.executable, "-c", program, str(smollm2())],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as running:
        assert running.stdout is not None
        try:
            while running.stdout.readline().strip() != when:
                assert running.poll() is None
            running.send_signal(number)
            running.communicate(timeout=60)
        finally:
            running.kill()
    assert running.returncode in {-number, 128 + number}
