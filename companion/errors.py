"""The errors of this project, and who handles each.

CompanionError              one clear sentence for a person; the app and the CLI show it as it is
├── BadInput                what was written cannot be taken; the page keeps the text in the box
├── SettingsError           the environment says something unusable; `companion` exits with 2
├── JournalError            the journal cannot be read or written; the app stops before a turn
├── IndexUnavailable        another process holds the index, or it cannot be rebuilt
├── PortBusy                another program listens there; `companion app` exits with 1
└── ModelError              the configured model failed; the embedded voice takes over
    ├── ContextOverflow     the request was longer than the window; the voice sends a shorter one
    ├── PoorReply           what the model wrote is no reply: it repeats itself, or never ends
    ├── SchemaRefused       the server knows no JSON schema; the form is asked for in words
    └── StaysHere           it would have sent a reflection that never leaves this computer
"""


class CompanionError(Exception):
    """Its message is one sentence that says what is wrong and what to do."""


class BadInput(CompanionError):
    pass


class SettingsError(CompanionError):
    pass


class JournalError(CompanionError):
    pass


class IndexUnavailable(CompanionError):
    pass


class PortBusy(CompanionError):
    pass


class ModelError(CompanionError):
    pass


class ContextOverflow(ModelError):
    """`window` is in tokens, where the server said how much it can hold."""

    def __init__(self, sentence: str, window: int | None = None) -> None:
        super().__init__(sentence)
        self.window = window


class PoorReply(ModelError):
    pass


class SchemaRefused(ModelError):
    pass


class StaysHere(ModelError):
    pass
