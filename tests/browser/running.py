"""The real app in a process of its own, and a model server that answers when it is told to."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parents[2]
_START = """
import sys
from companion.launch import launch
from companion.settings import load_settings
sys.exit(launch(load_settings(), open_browser=False))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Running:
    """The app's process; `home` is the only folder it may know."""

    process: subprocess.Popen[str]
    home: Path
    port: int
    said: str
    """What it printed when it was ready."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Stop it; give the exit code and all it printed as errors."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, err = self.process.communicate(timeout=60)
        return self.process.returncode, err


@contextmanager
def app(home: Path, **settings: str) -> Iterator[Running]:
    """Start the app from a folder that is not the checkout; it is up when this yields."""
    running = _start(home, settings)
    try:
        yield running
    finally:
        running.stop()


def _start(home: Path, settings: Mapping[str, str]) -> Running:
    port = free_port()
    env = {name: value for name, value in os.environ.items() if not name.startswith("COMPANION_")}
    # A scripted model answers everything alike, and its trial has tests of its own.
    env |= _environment(home, {"model_trial": "no", **settings, "port": str(port)})
    process = subprocess.Popen(
        [sys.executable, "-c", _START],
        cwd=home,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    # Printed once the server answers; an empty line means that it ended early.
    said = process.stdout.readline()
    return Running(process, home, port, said)


def _environment(home: Path, settings: Mapping[str, str]) -> dict[str, str]:
    named = {"data": str(home / "data"), "keys": str(home / "keys"), **settings}
    return {
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        **{f"COMPANION_{name.upper()}": value for name, value in named.items()},
    }


@dataclass
class HeldModel:
    """An OpenAI-compatible server whose answers wait until `release` is set."""

    port: int = 0
    release: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)


@contextmanager
def held_model() -> Iterator[HeldModel]:
    held = HeldModel()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if not self.path.endswith("/chat/completions"):
                self.send_error(404)
                return
            held.asked.set()
            held.release.wait(120)
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            choice = {"index": 0, "delta": {"content": "That word stays outside. "}}
            end = {"index": 0, "delta": {}, "finish_reason": "stop"}
            for part in (choice, end):
                chunk = {
                    "id": "1",
                    "object": "chat.completion.chunk",
                    "created": 1,
                    "model": "held",
                }
                self.wfile.write(f"data: {json.dumps({**chunk, 'choices': [part]})}\n\n".encode())
            self.wfile.write(b"data: [DONE]\n\n")

        def log_message(self, *_: object) -> None:
            """Say nothing: what is posted here is a person's words."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield held
    finally:
        held.release.set()
        server.shutdown()
        server.server_close()
