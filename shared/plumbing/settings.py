"""What an operator may set, read from `PARLEY_…` in the environment."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.contracts.retention import periods

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

    keys: Path | None = None
    """The folder of the keys each service seals and signs with, on another volume than the
    stores; the embedded run keeps its own under `var/keys`."""

    ledger: Path | None = None
    """The file of who was erased, outside the data volume; without one it lies beside the folder
    of the keys. It is read before anything is served: a store that was put back from an older
    copy does not bring anybody back."""
    one_manager: bool = False
    """There is only one person here who could carry out an erasure: whoever recorded the request
    may carry it out as well."""

    database_url: str = ""
    """`sqlite+aiosqlite:////absolute/path.db` or `postgresql+asyncpg://…`; one store a service."""

    nats_url: str = "nats://127.0.0.1:4222"
    nats_creds: Path | None = None
    """The credentials of this service's own NATS user."""

    secret_file: Path | None = None
    """At least 32 random bytes, the same for every replica; open forms are sealed and bound with
    it, and addresses are counted under it. Without one, in development, they do not outlive the
    run."""

    hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """The names people reach us by, beside the one in `site_url`; no other is answered."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    """Addresses or networks of our own proxies: what they say of the caller is believed."""

    forms_per_hour: int = Field(default=6, ge=1)
    """Public forms taken in from one neighbourhood of addresses."""
    forms_per_hour_in_all: int = Field(default=120, ge=1)
    """Public forms taken in from everywhere; past that people are asked to phone."""
    form_seconds: float = Field(default=3, ge=0)
    """A public form sent sooner than this after it was opened was not filled in by a person."""
    reads_per_minute: int = Field(default=60, ge=1)
    """Pages one member of staff may open."""

    oidc_issuer: str = ""
    """The organisation's own sign-in (OpenID Connect), exactly as it calls itself; none while this
    is empty."""
    oidc_client_id: str = ""
    oidc_client_secret_file: Path | None = None
    """The file with what that sign-in knows us by."""
    oidc_scopes: str = "openid email"
    """What we ask it for; some need one more before they say who is in which group."""
    oidc_groups_claim: str = "groups"
    """What it calls the groups somebody is in."""
    oidc_groups: str = ""
    """Which group may be what: `its name=role; another=role`. Who is in none does not come in."""
    oidc_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Hosts beside the issuer's own on which it may keep its keys and pages."""
    local_accounts: bool = True
    """Whether colleagues may sign in with a password and a code of their own as well."""

    retention: str = ""
    """Other periods than those of `docs/privacy/retention.md`, in days:
    `closed_case=2557,messages=60`."""

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
    controller: str = ""
    """The organisation that answers for the data: said in every copy that people are given."""
    privacy_contact: str = ""
    """How people reach whoever looks after their data there."""
    controller_regime: str = "the UK GDPR and Part 2 of the Data Protection Act 2018"
    """Which law it answers under, said in every copy; to be confirmed by the operator."""
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

    @field_validator("guest_list", "hosts", "oidc_hosts", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(one.strip().lower() for one in value.split(",") if one.strip())
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            ip_network(one)  # a name could be made to mean anybody; `*` is everybody
        return value

    @field_validator("retention")
    @classmethod
    def _are_periods(cls, value: str) -> str:
        periods(value)  # says in plain words what is wrong with them
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
    def key_folder(self) -> Path:
        """Where this service's own keys are."""
        return self.keys or self.var / "keys" / "sealing"

    @property
    def ledger_file(self) -> Path:
        """Where it is written who was erased."""
        return self.ledger or self.key_folder.parent / "erased.ledger"

    @property
    def known_hosts(self) -> frozenset[str]:
        """The names in a Host header that are ours; in development this machine's own as well."""
        named = {*self.hosts, (urlsplit(self.site_url).hostname or "").lower()}
        return frozenset(named | LOOPBACK if self.is_development else named)

    @property
    def https_only(self) -> bool:
        """Whether browsers reach us over https alone: everywhere but in development on loopback."""
        return not (self.is_development and self.host in LOOPBACK)

    @property
    def is_trial(self) -> bool:
        """Whether messages go to the guest list alone."""
        return self.is_development or not self.guest_list_off
