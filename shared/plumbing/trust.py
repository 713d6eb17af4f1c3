"""Who may do what on the NATS server: one user for each service, with the least it needs.

One operator vouches for two accounts: SYSTEM, in which the server tells about itself, and CORE,
in which the services talk. Keys are made once and kept; what code says a service hears, asks and
answers decides what its user may do, anew at every start. Partners get accounts of their own.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from shared.contracts.ask import Ask
from shared.plumbing.audit.stream import subject_of
from shared.plumbing.connection import inbox_prefix
from shared.plumbing.hearing import Hearing, durable_name
from shared.plumbing.tokens import (
    Key,
    claims_of,
    credentials,
    from_credentials,
    says_the_same,
    token,
)

ANSWER_WITHIN = timedelta(seconds=30)
"""How long after a question its answerer may publish to the asker's inbox."""

SYSTEM_USER = "system"
DEPLOY_USER = "deploy"

_NO_LIMITS: dict[str, Any] = {
    "subs": -1,
    "data": -1,
    "payload": -1,
    "imports": -1,
    "exports": -1,
    "wildcards": True,
    "conn": -1,
    "leaf": -1,
}
_WITH_STREAMS = {"mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1}


@dataclass(frozen=True)
class Permissions:
    """What one user may do; everything else is refused by the server."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]
    answers: bool = False
    """May publish once to the reply subject of what it received."""

    def claims(self) -> dict[str, Any]:
        allowed: dict[str, Any] = {
            "pub": {"allow": sorted(self.publish)},
            "sub": {"allow": sorted(self.subscribe)},
        }
        if self.answers:
            allowed["resp"] = {"max": 1, "ttl": int(ANSWER_WITHIN.total_seconds() * 1e9)}
        return allowed


EVERYTHING = Permissions(publish=(">",), subscribe=(">",))
"""For the server's own account, in which nothing is told or asked; in CORE nobody has it."""

PROVISIONING = Permissions(
    publish=(
        "$JS.API.INFO",
        "$JS.API.STREAM.NAMES",
        "$JS.API.STREAM.LIST",
        *(f"$JS.API.STREAM.{verb}.*" for verb in ("INFO", "CREATE", "UPDATE", "DELETE")),
        "$JS.API.STREAM.MSG.GET.*",
        *(f"$JS.API.CONSUMER.{verb}.*" for verb in ("NAMES", "LIST")),
        *(f"$JS.API.CONSUMER.{verb}.*.*" for verb in ("INFO", "DELETE", "DURABLE.CREATE")),
        "$JS.API.CONSUMER.CREATE.>",
        "$JS.FC.>",
    ),
    subscribe=(
        f"{inbox_prefix(DEPLOY_USER)}.>",
        "$JS.EVENT.ADVISORY.CONSUMER.DELETED.>",
        "$JS.EVENT.ADVISORY.STREAM.DELETED.>",
        "$JS.EVENT.ADVISORY.STREAM.UPDATED.>",
    ),
)
"""What the deploy user needs to make streams and consumers, to keep them, to look them over and to
read facts again for a rebuild: it tells, asks, answers, acknowledges and purges nothing, and hears
no question and no answer meant for another. Whoever may make a stream may still make one of
questions; the doctor reports any, and these credentials stay with the deployment.
"""


def permissions_for(service: str, hearing: Hearing, asks: Iterable[type[Ask]]) -> Permissions:
    """The least a service needs to tell its facts, hear and answer what it says, and ask `asks`."""
    own_stream = {f"$JS.API.STREAM.{read}.{service}" for read in ("INFO", "MSG.GET")}
    publish = {f"{service}.>", subject_of(service), *own_stream}
    publish |= {kind.subject for kind in asks}
    for teller in hearing.heard:
        consumer = f"{teller}.{durable_name(service, teller)}"
        publish |= {
            f"$JS.API.CONSUMER.INFO.{consumer}",
            f"$JS.API.CONSUMER.MSG.NEXT.{consumer}",
            f"$JS.ACK.{consumer}.>",
        }
    subscribe = {f"{inbox_prefix(service)}.>"} | {kind.subject for kind in hearing.asks}
    return Permissions(tuple(publish), tuple(subscribe), answers=bool(hearing.asks))


@dataclass(frozen=True)
class Trust:
    """Everything a server has to know to tell friend from foe, and where the keys lie."""

    keys: Path
    operator_jwt: str
    system_account: str
    accounts: Mapping[str, str]
    """The JWT of each account, by its public key."""

    def creds(self, user: str) -> Path:
        """The credentials file of a user."""
        return self.keys / "users" / f"{user}.creds"


def establish(keys: Path, users: Mapping[str, Permissions], now: datetime) -> Trust:
    """Make whatever of keys and tokens is not there, or no longer says what code says.

    `deploy`, who provisions, and `system` are always there. Whoever's permissions
    changed, or who is no longer among `users`, is refused with older credentials from the next
    start of the server on.
    """
    for folder in (keys, keys / "users"):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    operator = _key(keys / "operator.seed", "operator")
    system = _key(keys / "system.seed", "account")
    core = _key(keys / "core.seed", "account")
    _user(keys, SYSTEM_USER, EVERYTHING, system, now)
    revoked = _revoke_strangers(keys, {*users, DEPLOY_USER, SYSTEM_USER}, now)
    for name, permissions in {**users, DEPLOY_USER: PROVISIONING}.items():
        public, issued_at = _user(keys, name, permissions, core, now)
        revoked[public] = issued_at - 1  # everything this user was given before is void
    revoked = _earlier_revocations(keys / "core.jwt") | revoked
    operator_claims = {"type": "operator", "system_account": system.public}
    accounts = {
        system.public: _account(keys, "system", system, operator, {"limits": _NO_LIMITS}, now),
        core.public: _account(
            keys,
            "core",
            core,
            operator,
            {"limits": _NO_LIMITS | _WITH_STREAMS, "revocations": revoked},
            now,
        ),
    }
    own = token("parley", operator.public, operator, operator_claims, now)
    return Trust(keys, _kept(keys / "operator.jwt", own), system.public, accounts)


def _key(path: Path, kind: str) -> Key:
    if path.exists():
        return Key(path.read_bytes().strip())
    key = Key.new(kind)
    _write(path, key.seed.decode())
    return key


def _account(
    keys: Path, name: str, account: Key, operator: Key, claims: Mapping[str, Any], now: datetime
) -> str:
    nats = {"type": "account", "default_permissions": {"pub": {}, "sub": {}}, **claims}
    jwt = token(name, account.public, operator, nats, now)
    return _kept(keys / f"{name}.jwt", jwt)


def _user(
    keys: Path, name: str, permissions: Permissions, account: Key, now: datetime
) -> tuple[str, int]:
    """The user's public key, and when its present token was issued."""
    path = keys / "users" / f"{name}.creds"
    present, key = from_credentials(path.read_text()) if path.exists() else ("", Key.new("user"))
    nats = {"type": "user", **permissions.claims(), "subs": -1, "data": -1, "payload": -1}
    jwt = token(name, key.public, account, nats, now)
    if present and says_the_same(present, jwt):
        jwt = present
    else:
        _write(path, credentials(jwt, key))
    return key.public, int(claims_of(jwt)["iat"])


def _revoke_strangers(keys: Path, known: set[str], now: datetime) -> dict[str, int]:
    """Void the credentials of users there are no more, and forget them."""
    revoked = {}
    for path in (keys / "users").glob("*.creds"):
        if path.stem not in known:
            _, key = from_credentials(path.read_text())
            revoked[key.public] = int(now.timestamp())
            path.unlink()
    return revoked


def _earlier_revocations(account: Path) -> dict[str, int]:
    if not account.exists():
        return {}
    earlier: dict[str, int] = claims_of(account.read_text())["nats"].get("revocations", {})
    return earlier


def _kept(path: Path, jwt: str) -> str:
    """The JWT that was there if it says the same: a server prefers the newest it has seen."""
    if path.exists() and says_the_same(path.read_text(), jwt):
        return path.read_text()
    _write(path, jwt)
    return jwt


def _write(path: Path, text: str) -> None:
    """Write a file that nobody else can read, whole or not at all."""
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
