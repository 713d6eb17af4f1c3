"""What an operator may set, read from `PARLEY_…` in the environment."""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
"""The names under which this machine reaches itself and nobody else does."""


class CannotStart(Exception):
    """Why this process will not run, in one sentence that also says what to do."""


class Settings(BaseSettings):
    """One service's settings. Whoever puts several services together passes what differs."""

    model_config = SettingsConfigDict(
        env_prefix="PARLEY_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    environment: Literal["development", "production"] = "development"
    """Development is the careful one: it writes to the guest list only and stays on loopback."""

    host: str = "127.0.0.1"
    """The address the process listens on."""
    port: int = Field(default=8000, ge=0, le=65535)
    var: Path = Path("var")
    """Where the embedded run keeps its stores, keys and mail."""

    database_url: str = ""
    """`sqlite+aiosqlite:////absolute/path.db` or `postgresql+asyncpg://…`; one store a service."""

    nats_url: str = "nats://127.0.0.1:4222"
    nats_creds: Path | None = None
    """The credentials of this service's own NATS user."""

    secret_file: Path | None = None
    """At least 32 random bytes, the same for every replica; half-filled forms are sealed with it.
    Without one, in development, they do not outlive the run."""

    site_url: str = "http://127.0.0.1:8000"
    """Where people reach us; links in messages begin with it."""
    phone_number: str = "020 7946 0123"
    """The number shown to people who would rather talk."""

    smtp_url: SecretStr = SecretStr("smtp://127.0.0.1:1025")
    """`smtp://` or `smtps://`, with user and password where the server wants them."""
    smtp_stays_here: bool = False
    """The mail server is the embedded run's own mailbox: whoever starts that mailbox says so."""
    mail_from: str = Field(default="office@example.org", pattern=r"^[^@\s,;<>\"]+@[^@\s,;<>\"]+$")
    """The neutral address messages come from."""
    service_name: str = "Parley"
    """What the service is called, said only to people who agreed to that."""
    guest_list: Annotated[tuple[str, ...], NoDecode] = ()
    """Outside production only these addresses, or `@domains`, are ever written to."""
    guest_list_off: bool = False
    """Write to anybody; taken as said only in production."""

    trace_endpoint: str = ""
    """An OTLP/HTTP collector; tracing is off while this is empty."""
    log_format: Literal["console", "json", ""] = ""
    """Empty: lines for people in development, JSON in production."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("guest_list", mode="before")
    @classmethod
    def _split_guests(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(guest.strip().lower() for guest in value.split(",") if guest.strip())
        return value

    @field_validator("smtp_url")
    @classmethod
    def _names_a_mail_server(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"smtps?://[^\s/?#]+/?", value.get_secret_value()):
            raise ValueError("PARLEY_SMTP_URL must look like smtp://host:port or smtps://host:port")
        return value

    @property
    def is_development(self) -> bool:
        return self.environment == "development"

    @property
    def https_only(self) -> bool:
        """Whether browsers reach us over https alone: everywhere but in development on loopback."""
        return not (self.is_development and self.host in LOOPBACK)

    @property
    def is_trial(self) -> bool:
        """Whether messages go to the guest list alone."""
        return self.is_development or not self.guest_list_off
