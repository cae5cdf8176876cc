"""Settings, from the environment alone; the working folder's `.env` is never read."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from platformdirs import user_config_path, user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from companion.connection import EMBEDDED, Connection, VoiceKind, Waits
from companion.errors import SettingsError


class Settings(BaseSettings):
    """Everything that can be configured, each as `COMPANION_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix="COMPANION_", frozen=True, extra="ignore")

    data: Path = Field(default_factory=lambda: user_data_path("companion"))
    """Folder of the journal and the index."""
    keys: Path = Field(default_factory=lambda: user_config_path("companion-keys"))
    """Folder of the encryption key, apart from the data."""
    base_url: str | None = None
    """An OpenAI-compatible endpoint: http://127.0.0.1:11434/v1. None: the embedded voice."""
    api_key: SecretStr | None = None
    model: str | None = None
    gguf: Path | None = None
    """A model file to run in process (extra `local`)."""
    model_reads: bool = True
    """Whether a configured model also reads messages, beside the embedded reader."""
    model_trial: bool = True
    """Whether a model has to pass a trial on authored messages before it speaks."""
    context: int = Field(default=4096, ge=512)
    """Tokens of the model's window, where the server does not say."""
    prices: Path | None = None
    """A TOML file of what models cost; see `docs/models.md`."""
    connect_seconds: float = Field(default=5.0, gt=0)
    first_token_seconds: float = Field(default=20.0, gt=0)
    between_tokens_seconds: float = Field(default=10.0, gt=0)
    total_seconds: float = Field(default=90.0, gt=0)
    port: int = Field(default=8501, ge=1024, le=65535)
    country: str | None = None

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value and urlsplit(value).scheme not in {"http", "https"}:
            raise ValueError("must start with http:// or https://")
        return value or None

    @property
    def connection(self) -> Connection:
        """Give the voice that the environment names: a file before an address, else embedded."""
        if self.gguf:
            return Connection(VoiceKind.FILE, model=self.model, path=self.gguf)
        if self.base_url:
            return Connection(VoiceKind.ADDRESS, self.base_url, self.model)
        return EMBEDDED

    @property
    def waits(self) -> Waits:
        return Waits(
            self.connect_seconds,
            self.first_token_seconds,
            self.between_tokens_seconds,
            self.total_seconds,
        )


def load_settings() -> Settings:
    """Read the environment. Raises SettingsError with one sentence for the first thing wrong."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        said = first["msg"].removeprefix("Value error, ")
        raise SettingsError(
            f"COMPANION_{name} cannot be used: {said[:1].lower()}{said[1:]}. Change it or unset it."
        ) from error
