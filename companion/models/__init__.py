"""Language models, for those who configure one: an OpenAI-compatible address or a model file.

This package is light to import; `openai` and `xllamacpp` are imported when a model is made.
"""

from __future__ import annotations

import atexit

from companion.errors import SettingsError
from companion.ports import ChatModel
from companion.settings import Settings


def chat_model(settings: Settings) -> ChatModel | None:
    """Give the configured model, a file before an address, or None; it is closed on exit.

    Raises SettingsError when what is configured cannot be used.
    """
    if settings.gguf:
        return _from_file(settings)
    if settings.base_url:
        return _from_address(settings)
    return None


def _from_file(settings: Settings) -> ChatModel:
    assert settings.gguf is not None
    from companion.models.gguf import GGUFServer
    from companion.models.openai_chat import OpenAIChat

    server = GGUFServer(settings.gguf, context=settings.context)
    model = OpenAIChat(
        server.base_url,
        server.alias,
        key=server.key,
        shown_as=settings.model or settings.gguf.stem,
        context=settings.context,
        first_token=settings.first_token_seconds,
        between_tokens=settings.between_tokens_seconds,
        total=settings.total_seconds,
        on_close=server.close,
    )
    atexit.register(model.close)
    return model


def _from_address(settings: Settings) -> ChatModel:
    assert settings.base_url is not None
    if not settings.model:
        raise SettingsError("COMPANION_BASE_URL is set without COMPANION_MODEL; name the model.")
    from companion.models.openai_chat import OpenAIChat

    model = OpenAIChat(
        settings.base_url,
        settings.model,
        key=settings.api_key.get_secret_value() if settings.api_key else None,
        context=settings.context,
        first_token=settings.first_token_seconds,
        between_tokens=settings.between_tokens_seconds,
        total=settings.total_seconds,
    )
    atexit.register(model.close)
    return model
