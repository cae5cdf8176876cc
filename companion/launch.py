"""Start the app: a Streamlit server of our own on 127.0.0.1, and the browser once it answers.

What privacy rests on is passed as flags and environment, so no configuration file on this computer
can open it: one address, no statistics, no e-mail prompt, no error details on the page.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from pydantic import SecretStr

from companion.errors import PortBusy
from companion.settings import Settings

ADDRESS = "127.0.0.1"
READY_SECONDS = 120.0
STOP_SECONDS = 10.0

FLAGS = {
    "server.address": ADDRESS,
    "server.headless": "true",
    "server.showEmailPrompt": "false",
    "server.fileWatcherType": "none",
    "server.enableAgentApi": "false",
    "server.enableCORS": "true",
    "server.enableXsrfProtection": "true",
    "browser.gatherUsageStats": "false",
    "browser.serverAddress": ADDRESS,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "client.toolbarMode": "minimal",
    "runner.magicEnabled": "false",
    "logger.level": "error",
}


def script() -> Path:
    """Give the app's script: in the wheel's data, or at the top of a checkout."""
    here = Path(__file__).parent
    packaged = here / "_data" / "streamlit_app.py"
    return packaged if packaged.is_file() else here.parent / "streamlit_app.py"


def launch(settings: Settings, *, open_browser: bool = True) -> int:
    """Run the app until it is stopped; give the exit code. Raises PortBusy."""
    _check_port(settings.port)
    address = f"http://{ADDRESS}:{settings.port}"
    with _stopping_on_sigterm():
        child = subprocess.Popen(
            command(settings.port), env=environment(settings), stdout=subprocess.DEVNULL
        )
        try:
            if not _ready(child, f"{address}/_stcore/health"):
                print("Companion could not be started.", file=sys.stderr)
                return 1
            print(f"Companion is open at {address} — Ctrl-C stops it.", flush=True)
            if open_browser:
                webbrowser.open(address)
            return 0 if child.wait() == 0 else 1
        except KeyboardInterrupt:
            return 0
        finally:
            _stop(child)


def command(port: int) -> list[str]:
    flags = [f"--{name}={value}" for name, value in {**FLAGS, "server.port": port}.items()]
    return [sys.executable, "-m", "streamlit", "run", str(script()), *flags]


def environment(settings: Settings) -> dict[str, str]:
    """Give the child's environment: these settings, and nothing that speaks to Streamlit."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("STREAMLIT_", "COMPANION_"))
    }
    for name, value in settings:
        if value is not None:
            plain = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            kept[f"COMPANION_{name.upper()}"] = plain
    return kept


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        if os.name == "posix":
            # A port that was used a moment ago is free; on Windows this flag means another thing.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            raise PortBusy(
                f"Port {port} is in use, perhaps by Companion itself at http://{ADDRESS}:{port}; "
                f"to use another, set COMPANION_PORT={port + 1 if port < 65535 else 8501}."
            ) from error


def _ready(child: subprocess.Popen[bytes], health: str) -> bool:
    opener = build_opener(ProxyHandler({}))
    until = time.monotonic() + READY_SECONDS
    while child.poll() is None and time.monotonic() < until:
        try:
            with opener.open(health, timeout=2) as answer:
                if answer.status == 200:
                    return True
        except (URLError, OSError):
            time.sleep(0.1)
    return False


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End the server kindly; a reply that was cut off is answered on the next opening."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def _stopping_on_sigterm() -> Iterator[None]:
    """Treat SIGTERM, and a closed terminal, as Ctrl-C."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    names = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {name: signal.signal(name, stop) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
