"""One request in a thread of its own, so that waiting for it can always end.

A socket timeout starts again with every byte, and looking up a name has none at all; a server that
trickles, or a network that swallows packets, would hold the person's reply for minutes.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_running = threading.local()


class Call:
    """Runs `begin` in a daemon thread and hands over what it yields. `stop` cuts its connection."""

    def __init__(self, begin: Callable[[], Iterable[Any]]) -> None:
        self._begin = begin
        self._items: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name="companion-model", daemon=True)
        self._thread.start()

    def next(self, seconds: float) -> tuple[bool, Any]:
        """Give (True, item), or (False, None) at the end.

        Raises TimeoutError when nothing came in time, and what `begin` raised.
        """
        try:
            kind, item = self._items.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            raise TimeoutError from None
        if kind == "failed":
            raise item
        return kind == "item", item

    def stop(self) -> None:
        """Cut the connection, wherever the thread is, and wait a moment for it to end."""
        self._stopped.set()
        self._cut()
        self._thread.join(timeout=1.0)

    def connected(self, connection: socket.socket) -> None:
        """Note the socket this request runs on. A call already stopped cuts it at once."""
        with self._lock:
            self._socket = connection
        if self._stopped.is_set():
            self._cut()

    def _cut(self) -> None:
        # Closing alone neither wakes a thread that waits in recv, nor tells the server.
        with self._lock, contextlib.suppress(OSError, AttributeError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)

    def _run(self) -> None:
        _running.call = self
        try:
            for item in self._begin():
                if self._stopped.is_set():
                    break
                self._items.put(("item", item))
            self._items.put(("end", None))
        except BaseException as error:
            self._items.put(("failed", error))


def note_connection(event: str, details: Mapping[str, Any]) -> None:
    """Tell the running call of its socket; for the `trace` extension of a request."""
    call: Call | None = getattr(_running, "call", None)
    if call and event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
        connection = details["return_value"].get_extra_info("socket")
        if connection is not None:
            call.connected(connection)


def within(seconds: float, work: Callable[[], Any]) -> Any:
    """Give what `work` gives; raises TimeoutError after `seconds`, or what it raised."""
    call = Call(lambda: iter((work(),)))
    try:
        return call.next(seconds)[1]
    finally:
        call.stop()
