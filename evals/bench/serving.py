"""The app and the hello-world page as processes of their own, and the memory they hold."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from companion.launch import ADDRESS, FLAGS

ROOT = Path(__file__).parents[2]
HELLO = Path(__file__).with_name("hello.py")
READY_SECONDS = 120.0
STOP_SECONDS = 20.0


@dataclass(frozen=True)
class Server:
    """A page that is being served, and the process that was started for it."""

    name: str
    pid: int
    address: str


@contextmanager
def serving(name: str, home: Path) -> Iterator[Server]:
    """Start `companion` or `hello` with everything of a person's in `home`; stop it at the end.

    It answers when this yields. Raises RuntimeError when it does not come up.
    """
    home.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    output = home / "said.txt"
    # Its output goes to a file: a pipe that nobody empties would hold it up.
    with output.open("wb") as said:
        process = subprocess.Popen(
            _command(name, port), cwd=home, env=_environment(home, port), stdout=said, stderr=said
        )
        try:
            if not _ready(process, f"http://{ADDRESS}:{port}/_stcore/health"):
                last = output.read_text("utf-8", "replace")[-500:]
                raise RuntimeError(f"The {name} page did not come up. It said: {last}")
            yield Server(name, process.pid, f"http://{ADDRESS}:{port}")
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _command(name: str, port: int) -> list[str]:
    if name == "companion":
        return [sys.executable, "-m", "companion", "app", "--no-browser"]
    flags = [f"--{flag}={value}" for flag, value in {**FLAGS, "server.port": port}.items()]
    return [sys.executable, "-m", "streamlit", "run", str(HELLO), *flags]


def _environment(home: Path, port: int) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("COMPANION_", "STREAMLIT_"))
    }
    places = {name: str(home / name) for name in ("data", "keys", "cache")}
    ours = {f"COMPANION_{name.upper()}": place for name, place in places.items()}
    return {**kept, **ours, "COMPANION_PORT": str(port), "HOME": str(home), "PYTHONPATH": str(ROOT)}


def _ready(process: subprocess.Popen[bytes], health: str) -> bool:
    opener = build_opener(ProxyHandler({}))
    until = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            with opener.open(health, timeout=2) as answer:
                if answer.status == 200:
                    return True
        except (URLError, OSError):
            time.sleep(0.02)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        port: int = probe.getsockname()[1]
        return port


def held_megabytes(server: Server) -> float:
    """Give the resident memory of a server with all its children."""
    listed = subprocess.run(
        ["ps", "-axo", "pid=,ppid=,rss="], check=True, capture_output=True, text=True
    )
    return resident(listed.stdout, server.pid) / 1024


def resident(listed: str, root: int) -> int:
    """Give the kibibytes of a process and all below it, from lines of pid, parent and kibibytes."""
    rows = [tuple(map(int, line.split())) for line in listed.splitlines() if line.strip()]
    family = {root}
    while more := {pid for pid, parent, _ in rows if parent in family} - family:
        family |= more
    return sum(kibibytes for pid, _, kibibytes in rows if pid in family)
