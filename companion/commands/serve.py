"""The command that answers chat front ends and benchmarks over HTTP."""

from __future__ import annotations

import os
import secrets
from threading import Thread
from urllib.parse import urlsplit

import click

from companion.connection import is_loopback
from companion.errors import SettingsError
from companion.settings import load_settings

TOKEN = "COMPANION_SERVE_TOKEN"  # noqa: S105
_VOICE = """VOICE is "embedded", the path of a .gguf file, ADDRESS#MODEL such as
http://127.0.0.1:11434/v1#llama3.2, or a name from `companion models list`."""


@click.command(epilog=_VOICE)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8502, show_default=True, help="0: a free one."
)
@click.option("--voice", metavar="VOICE", help="Who speaks; else the voice the environment names.")
@click.option(
    "--allow-origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="Let the scripts of a page ask, such as http://localhost:3000. Repeatable.",
)
@click.option("--introduce", is_flag=True, help="Begin the first reply with what Companion is.")
def serve(
    host: str, port: int, voice: str | None, origins: tuple[str, ...], introduce: bool
) -> None:
    """Answer chat front ends and benchmarks over HTTP, in the shape of OpenAI's API.

    A request carries its whole conversation, and nothing of it is kept. A system message is
    ignored, and the answer says so. The token to send is COMPANION_SERVE_TOKEN, or a new one that
    is shown once.

    \b
    POST /v1/chat/completions   as a chat front end asks, whole or streamed
    POST /eval                  {"messages": [{"role","content"}]} gives {"reply": "…", …}
    GET  /v1/models             the one voice
    GET  /health                {"ok": true}, without a token

    Companion is software and no therapist, and says so at the start. Here there is no page to say
    it: /v1/models and the first answer of a conversation carry it as `companion.disclosure`, for
    the client to show. With --introduce the first reply itself begins with it, unless someone is
    in danger.
    """
    # What answers takes a second to import; a wrong option is told at once.
    from companion.serving.running import listening

    settings = load_settings()
    token = _token()
    for origin in origins:
        _check(origin)
    made = listening(host, port)
    with made:
        from companion import build
        from companion.commands.configured import voice_named
        from companion.serving import running
        from companion.serving.answering import Answering
        from companion.serving.app import Terms, application

        connection = voice_named(voice, settings) if voice else settings.connection
        first = build.build_in_memory(settings, connection)
        try:
            answering = Answering(first, build.shared_reader(), settings.country)
            loopback = is_loopback(host)
            terms = Terms(token or secrets.token_urlsafe(32), loopback, origins, introduce)
            Thread(target=build.warm, args=(first,), daemon=True).start()
            _announce(host, made.getsockname()[1], None if token else terms.token)
            if not loopback:
                click.echo(
                    "Words now travel unencrypted, and whoever can reach this computer can ask."
                )
            if connection.host:
                click.echo(f"Words go to {connection.host}.")
            running.run(application(answering, terms), made)
        finally:
            if first.retire:
                first.retire()


def _announce(host: str, port: int, token: str | None) -> None:
    named = f"[{host}]" if ":" in host else host
    click.echo(f"Companion answers at http://{named}:{port}/v1 — Ctrl-C stops it.")
    click.echo(f"The token, for this run: {token}" if token else f"The token is {TOKEN}'s.")


def _token() -> str | None:
    """Give the environment's token, or None. Raises SettingsError for one no client can send."""
    token = os.environ.get(TOKEN) or None
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise SettingsError(f"{TOKEN} can hold letters, digits and signs, and no spaces.")
    return token


def _check(origin: str) -> None:
    try:
        parts = urlsplit(origin)
        exact = f"{parts.scheme}://{parts.netloc}" == origin and parts.hostname is not None
    except ValueError:
        exact = False
    if not exact or parts.scheme not in {"http", "https"}:
        raise SettingsError(
            f"“{origin}” is no origin; write it as a browser does, like http://localhost:3000."
        )
