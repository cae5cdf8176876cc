"""The other tests rest on this one: nothing leaves this computer, and nothing of it comes in."""

from __future__ import annotations

import os
import socket

import pytest


def test_an_outbound_connection_is_refused_and_noted(attempts: list[str]) -> None:
    for address in [("192.0.2.1", 80), ("2001:db8::1", 80)]:
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        with socket.socket(family) as made, pytest.raises(ConnectionRefusedError):
            made.connect(address)
    assert [attempts.pop(), attempts.pop()] == ["2001:db8::1", "192.0.2.1"]


def test_a_packet_that_needs_no_connection_is_refused_too(attempts: list[str]) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as made, pytest.raises(ConnectionRefusedError):
        made.sendto(b"hello", ("192.0.2.1", 53))
    assert attempts.pop() == "192.0.2.1"


def test_no_name_is_looked_up(attempts: list[str]) -> None:
    for look_up in (socket.gethostbyname, lambda name: socket.getaddrinfo(name, 443)):
        with pytest.raises(socket.gaierror):
            look_up("companion.example")
        assert attempts.pop() == "companion.example"


def test_this_computer_can_be_reached() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        for host in ("127.0.0.1", "localhost"):
            socket.create_connection((host, port)).close()


def test_no_setting_of_this_computer_reaches_a_test() -> None:
    left = {name for name in os.environ if name.startswith(("COMPANION_", "OPENAI_", "LANGSMITH_"))}
    ours = {"COMPANION_DATA", "COMPANION_KEYS", "COMPANION_CACHE", "COMPANION_MODEL_TRIAL"}
    assert left <= ours | {"LANGSMITH_TRACING", "LANGSMITH_TRACING_V2"}
    assert not any(name.casefold().endswith("_proxy") for name in os.environ)
