"""Language models, for those who configure one: an OpenAI-compatible address or a model file.

This package is light to import; `openai` and `xllamacpp` are imported when a model is made.
"""

from __future__ import annotations

import atexit
import weakref
from typing import TYPE_CHECKING

from companion.connection import Connection, VoiceKind
from companion.errors import SettingsError
from companion.models.keyring import key_for
from companion.ports import ChatModel
from companion.settings import Settings

if TYPE_CHECKING:
    from companion.models.openai_chat import OpenAIChat


def chat_model(settings: Settings, connection: Connection | None = None) -> ChatModel | None:
    """Give the model behind a connection, by default the environment's; None for the embedded.

    It is given a rest when it keeps failing, and is closed on exit, if not before. Raises
    SettingsError when it cannot be used as configured.
    """
    model = open_model(settings, settings.connection if connection is None else connection)
    if model is None:
        return None
    from companion.models.breaker import Breaker

    return Breaker(model)


def open_model(
    settings: Settings, connection: Connection, key: str | None = None
) -> OpenAIChat | None:
    """Give the bare client of a connection, None for the embedded voice. Raises SettingsError.

    Without a `key`, the one that belongs to the address is used, if there is one.
    """
    if connection.kind is VoiceKind.EMBEDDED:
        return None
    if connection.kind is VoiceKind.FILE:
        made = _from_file(settings, connection)
    else:
        made = _from_address(settings, connection, key)
    # By a weak reference: a model that is no longer chosen must not be held until the exit.
    atexit.register(_close, weakref.ref(made))
    return made


def _close(still: weakref.ref[OpenAIChat]) -> None:
    if model := still():
        model.close()


def _from_file(settings: Settings, connection: Connection) -> OpenAIChat:
    from companion.models.gguf import GGUFServer
    from companion.models.openai_chat import OpenAIChat

    if connection.path is None:
        raise SettingsError("A model file is chosen but not named; name it.")
    server = GGUFServer(connection.path, context=settings.context)
    return OpenAIChat(
        server.base_url,
        server.alias,
        key=server.key,
        name=connection.name,
        context=settings.context,
        waits=settings.waits,
        server=server,
    )


def _from_address(settings: Settings, connection: Connection, key: str | None) -> OpenAIChat:
    if not connection.base_url or not connection.model:
        raise SettingsError("An address needs the name of a model there; give it too.")
    from companion.models.openai_chat import OpenAIChat

    model = OpenAIChat(
        connection.base_url,
        connection.model,
        key=key or key_for(settings, connection),
        host=connection.host,
        context=settings.context,
        waits=settings.waits,
    )
    if relay := None if connection.leaves else model.served.passes_on_to():
        model.close()
        raise SettingsError(
            f"This computer’s server passes what is said to “{connection.model}” on to {relay}; "
            "choose a model that it runs itself."
        )
    return model
