"""Each way a model server can fail, over a real socket: one clear sentence, in time, no secrets."""

from __future__ import annotations

import datetime
import gc
import json
import logging
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

import pytest

from companion.connection import Waits
from companion.errors import ModelError, SettingsError
from companion.models.openai_chat import OpenAIChat
from companion.ports import ChatMessage, Ended
from tests.models import server as servers
from tests.models.server import serving

KEY = "sk-secret-key-1234567890"
WORDS = "my private words"
HELLO = [ChatMessage("system", "Be kind."), ChatMessage("user", WORDS)]


IMPATIENT = Waits(connect=1.0, first_token=1.0, between_tokens=0.5, total=3.0)


def chat(base_url: str, key: str | None = KEY, waits: Waits = IMPATIENT) -> OpenAIChat:
    return OpenAIChat(base_url, "tiny", key=key, waits=waits)


def heard(model: OpenAIChat) -> tuple[str, Ended]:
    pieces, text = model.stream(HELLO, max_tokens=50), ""
    while True:
        try:
            text += next(pieces)
        except StopIteration as stop:
            return text, stop.value


def test_a_reply_streams_and_says_how_it_ended() -> None:
    with serving(servers.says("Still ", "here.")) as (address, log):
        text, ended = heard(chat(address))
    assert text == "Still here."
    assert ended == Ended("stop", 7, 3)
    body = json.loads(log.chats[0].body)
    assert body["max_tokens"] == 50
    assert body["messages"][1] == {"role": "user", "content": WORDS}


def test_a_length_limit_is_told() -> None:
    with serving(servers.says("Half a", reason="length", usage=None)) as (address, _):
        assert heard(chat(address)) == ("Half a", Ended("length"))


OVERFLOW = json.dumps({"error": {"message": "the request exceeds the available context size"}})
FAILURES = {
    "401": (servers.status(401, f'{{"error":{{"message":"bad key {KEY}"}}}}'), "COMPANION_API_KEY"),
    "402": (servers.status(402), "credit"),
    "403": (servers.status(403), "does not allow"),
    "404": (servers.status(404), "the model’s name"),
    "400": (servers.status(400, f'{{"error":{{"message":"{WORDS}"}}}}'), "COMPANION_CONTEXT"),
    "418": (servers.status(418), "(418)"),
    "429 without a wait": (servers.status(429), "429"),
    "429 with a long wait": (servers.status(429, retry_after="60"), "429"),
    "429 until a date": (servers.status(429, retry_after="Wed, 01 Jan 2098 00:00:00 GMT"), "429"),
    "a window too small": (servers.status(400, OVERFLOW), "COMPANION_CONTEXT"),
    "500": (servers.status(500, f"<h1>{WORDS}</h1>"), "failed (500)"),
    "503": (servers.status(503), "failed (503)"),
    "a redirect": (servers.status(307, location="http://127.0.0.1:9/v1"), "final address"),
    "silence": (servers.silent, "no first word in 1 s"),
    "keep-alive comments only": (servers.comments_only, "no first word in 1 s"),
    "a stall in mid-reply": (servers.stalls_after("One. ", "Two"), "fell silent for 0.5 s"),
    "an endless reply": (servers.endless, "not done in 3 s"),
    "a cut between chunks": (servers.cut_after("One. ", "Two"), "cut the reply off"),
    "a cut inside a chunk": (servers.cut_inside_a_chunk, "cut"),
    "a hang-up": (servers.hangs_up, "cut"),
    "nothing said": (servers.says(), "empty reply"),
    "a filter": (servers.says("So", reason="content_filter"), "filter"),
    "a web page": (servers.web_page, "empty reply"),
    "not JSON": (servers.raw("data: {oops", "data: [DONE]"), "not a chat completion"),
    "JSON of another kind": (servers.raw('data: {"answer": 42}', "data: [DONE]"), "not a chat"),
    "JSON text": (servers.raw('data: "hello"', "data: [DONE]"), "not a chat completion"),
    "an error event": (servers.raw(f'data: {{"error": {{"message": "{KEY}"}}}}'), "of its own"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_every_failure_is_one_clear_sentence_in_time(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    behaviour, expected = FAILURES[name]
    began = time.monotonic()
    with (
        caplog.at_level(logging.DEBUG),
        serving(behaviour) as (address, log),
        pytest.raises(ModelError) as raised,
    ):
        heard(chat(address))
    sentence = str(raised.value)
    shown = "".join(traceback.format_exception(raised.value)) + caplog.text
    assert expected in sentence
    assert "127.0.0.1" in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert KEY not in shown
    assert WORDS not in shown
    assert time.monotonic() - began < 5.0
    assert len(log.chats) <= 2


@pytest.mark.parametrize(
    "first",
    [servers.status(503), servers.status(429, retry_after="0.1"), servers.hangs_up],
    ids=["5xx", "429 with a short wait", "a cut before the first word"],
)
def test_one_retry_before_the_first_word(first: servers.Behaviour) -> None:
    with serving(servers.then(first, servers.says("Back."))) as (address, log):
        assert heard(chat(address))[0] == "Back."
    assert len(log.chats) == 2


@pytest.mark.parametrize(
    ("behaviour", "requests"),
    [
        (servers.status(503), 2),
        (servers.status(401), 1),
        (servers.status(429, retry_after="60"), 1),
        (servers.silent, 1),
        (servers.cut_inside_a_chunk, 1),
        (servers.cut_after("Half"), 1),
    ],
    ids=["5xx", "401", "429 long", "silence", "cut in a chunk", "cut between chunks"],
)
def test_never_more_than_one_retry_and_none_after_a_word(
    behaviour: servers.Behaviour, requests: int
) -> None:
    with serving(behaviour) as (address, log), pytest.raises(ModelError):
        heard(chat(address))
    assert len(log.chats) == requests


def test_a_server_without_usage_is_asked_again_without() -> None:
    refusal = servers.status(422, '{"detail": "stream_options: extra inputs are not permitted"}')
    with serving(servers.then(refusal, servers.says("Yes."))) as (address, log):
        model = chat(address)
        assert heard(model)[0] == "Yes."
        assert heard(model)[0] == "Yes."
    asked = ["stream_options" in json.loads(one.body) for one in log.chats]
    assert asked == [True, False, False]


def test_a_model_that_thinks_first_is_alive() -> None:
    def thinks(handler: servers.Handler) -> None:
        handler.begin()
        for _ in range(8):
            handler.chunk(reasoning_content="hm")
            time.sleep(0.2)
        handler.chunk("There.")
        handler.end()

    with serving(thinks) as (address, _):
        assert heard(chat(address))[0] == "There."


@pytest.mark.parametrize("when", ["before the first word", "in mid-reply"])
def test_closing_the_iterator_closes_the_connection(when: str) -> None:
    behaviour = servers.stalls_after() if when.startswith("before") else servers.endless
    with serving(behaviour) as (address, log):
        model = chat(address, waits=Waits(1.0, 30.0, 30.0, 60.0))
        pieces = model.stream(HELLO, max_tokens=50)
        if when == "in mid-reply":
            next(pieces)
            began = time.monotonic()
            pieces.close()
        else:
            began = time.monotonic()
            with pytest.raises(ModelError):
                next(chat(address, waits=Waits(1.0, 0.2, 0.5, 3.0)).stream(HELLO, max_tokens=5))
        assert time.monotonic() - began < 1.0
        assert log.hung_up.wait(2.0)
        model.close()
    gc.collect()
    assert not [t for t in threading.enumerate() if t.name == "companion-model"]


def test_refused() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(ModelError, match=f"No model server answers at http://127.0.0.1:{port}/v1"):
        heard(chat(f"http://127.0.0.1:{port}/v1"))


def test_an_unknown_host() -> None:
    with pytest.raises(ModelError, match=r"cannot be found|no first word"):
        heard(chat("http://no-such-host.invalid/v1"))


def test_a_connection_that_is_never_taken() -> None:
    hasty = Waits(connect=0.3, first_token=5.0)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        try:
            with pytest.raises(ModelError, match="did not take the connection in time"):
                heard(chat(f"http://127.0.0.1:{full.getsockname()[1]}/v1", waits=hasty))
        finally:
            for one in waiting:
                one.close()


def test_a_certificate_nobody_signed(tmp_path: Path) -> None:
    with (
        serving(servers.says("Hello."), _self_signed(tmp_path)) as (address, log),
        pytest.raises(ModelError, match="TLS"),
    ):
        heard(chat(address))
    assert not log.received


def test_the_key_goes_to_the_configured_host_only() -> None:
    with (
        serving(servers.says("Mine.")) as (elsewhere, other),
        serving(servers.status(307, location=f"{elsewhere}/chat/completions")) as (address, log),
        pytest.raises(ModelError),
    ):
        heard(chat(address))
    assert not other.received
    assert log.chats[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in log.chats[0].body


def test_nothing_from_the_environment_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(servers.says("No.")) as (proxy, proxied):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
            monkeypatch.setenv(name, "sk-of-another-service")
        monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Gateway: sk-of-another-service")
        with serving(servers.says("Yes.")) as (address, log):
            assert heard(chat(address, key=None))[0] == "Yes."
    assert not proxied.received
    sent = log.chats[0].headers
    assert "sk-of-another-service" not in str(sent)
    assert set(sent) <= {
        *("host", "accept", "accept-encoding", "content-type", "content-length"),
        *("connection", "user-agent"),
    }
    assert sent["user-agent"] == "companion"


def test_a_key_with_a_line_break_is_refused_without_showing_it() -> None:
    with pytest.raises(SettingsError) as raised:
        chat("http://127.0.0.1:9/v1", key=f"{KEY}\n")
    assert KEY not in str(raised.value)


def test_a_user_name_in_the_address_is_never_shown() -> None:
    with pytest.raises(ModelError) as raised:
        heard(chat("http://me:hunter2@127.0.0.1:9/v1"))
    assert "hunter2" not in str(raised.value)


def test_logging_stays_silent_even_when_the_environment_asks() -> None:
    script = (
        "import logging, sys; logging.basicConfig(level=logging.DEBUG)\n"
        "from companion.models.openai_chat import OpenAIChat\n"
        "from companion.ports import ChatMessage\n"
        f"model = OpenAIChat(sys.argv[1], 'tiny', key='{KEY}')\n"
        f"print(*model.stream([ChatMessage('user', '{WORDS}')], max_tokens=5))\n"
    )
    with serving(servers.says("Yes.")) as (address, _):
        done = subprocess.run(
            [sys.executable, "-c", script, address],
            capture_output=True,
            text=True,
            env={"OPENAI_LOG": "debug", "PATH": "/usr/bin:/bin"},
            check=True,
            timeout=60,
        )
    assert done.stdout == "Yes.\n"
    assert WORDS not in done.stderr
    assert KEY not in done.stderr
    assert "POST" not in done.stderr


def test_a_bare_import_does_not_pay_for_openai() -> None:
    script = (
        "import sys, companion.models, companion.settings\n"
        "print('openai' in sys.modules, 'xllamacpp' in sys.modules, 'tiktoken' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False False False"


def _self_signed(folder: Path) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
