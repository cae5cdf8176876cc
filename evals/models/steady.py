"""A chat server that always takes the same time: what is measured against it is our own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FIRST_SECONDS = 0.5
"""Until the first piece: a quick model that reads a long prompt."""
PIECE_SECONDS = 0.02
PIECES = (
    *("That ", "word ", "is ", "not ", "let ", "in ", "here. "),
    *("What ", "it ", "meant ", "is ", "yours ", "to ", "say. "),
    *("It ", "may ", "be ", "said ", "again, ", "and ", "it ", "still ", "stays ", "out. "),
)


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.send_error(404)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        began = time.monotonic()
        for number, piece in enumerate(PIECES):
            # By the clock and not by the pause, so that a pause too long is made up for.
            due = began + FIRST_SECONDS + number * PIECE_SECONDS
            time.sleep(max(due - time.monotonic(), 0.0))
            self._line({"content": piece}, None)
        self._line({}, "stop")
        self.wfile.write(b"data: [DONE]\n\n")

    def _line(self, delta: dict[str, str], reason: str | None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        self.wfile.write(f"data: {json.dumps({'id': '1', 'choices': [choice]})}\n\n".encode())
        self.wfile.flush()


@contextmanager
def steady() -> Iterator[str]:
    """Give the base address of a running server, ending in /v1."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
