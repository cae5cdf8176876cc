"""A request that is not answered: one sentence, in the shape of OpenAI's errors."""

from __future__ import annotations

from companion.errors import CompanionError


class Refused(CompanionError):
    """Its message is one sentence that says what is wrong and what to do.

    `status` is an HTTP status, `param` the part of the request it is about, `code` a word for
    programs.
    """

    def __init__(
        self, sentence: str, status: int = 400, *, param: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(sentence)
        self.status, self.param, self.code = status, param, code

    @property
    def type(self) -> str:
        return "server_error" if self.status >= 500 else "invalid_request_error"
