"""Starting and stopping, with the real server and no browser."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest
from pydantic import SecretStr

from browser.running import app, free_port
from companion import launch as launching
from companion.errors import PortBusy
from companion.settings import Settings

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]


def test_a_busy_port_is_said_in_one_sentence() -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        with pytest.raises(PortBusy, match=rf"Port {port} is in use.*COMPANION_PORT={port + 1}"):
            launching.launch(Settings(port=port), open_browser=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_stops_cleanly_and_writes_nothing_of_streamlits(
    tmp_path: Path, number: signal.Signals
) -> None:
    with app(tmp_path) as running:
        code, err = running.stop(number)
    assert code == 0
    assert f"http://127.0.0.1:{running.port}" in running.said
    assert "Traceback" not in err
    assert "email" not in (running.said + err).lower()
    assert not (tmp_path / ".streamlit").exists()
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", running.port))


def test_a_server_that_cannot_start_gives_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "script", lambda: Path("/nowhere/at/all.py"))
    assert launching.launch(Settings(port=free_port()), open_browser=False) == 1


def test_it_listens_on_this_computer_only_and_says_nothing_to_anyone() -> None:
    command = launching.command(8501)
    assert "--server.address=127.0.0.1" in command
    assert "--browser.gatherUsageStats=false" in command
    assert "--server.headless=true" in command
    assert "--client.showErrorDetails=none" in command


def test_the_child_gets_these_settings_and_no_streamlit_ones(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "0.0.0.0")
    monkeypatch.setenv("COMPANION_MODEL", "another")
    monkeypatch.delenv("COMPANION_COUNTRY", raising=False)
    settings = Settings(data=tmp_path, model="mine", api_key=SecretStr("secret"))
    environment = launching.environment(settings)
    assert "STREAMLIT_SERVER_ADDRESS" not in environment
    assert environment["COMPANION_DATA"] == str(tmp_path)
    assert environment["COMPANION_MODEL"] == "mine"
    assert environment["COMPANION_API_KEY"] == "secret"
    assert "COMPANION_COUNTRY" not in environment
    assert not any("secret" in part for part in launching.command(8501))
