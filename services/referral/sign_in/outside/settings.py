"""What an operator says of the organisation's sign-in, checked before anything starts."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from shared.contracts.access import AccessRole
from shared.plumbing.settings import LOOPBACK, CannotStart, Settings

BACK = "/referral/sign-in/outside/back"
"""Where the provider sends people back to; it has to know the whole address."""


@dataclass(frozen=True)
class Outside:
    """One provider, and what its groups may be here."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    signed_out_uri: str
    scopes: str
    groups_claim: str
    roles: tuple[tuple[str, AccessRole], ...]
    origins: frozenset[str]
    """The schemes, hosts and ports we ever talk to, or send anybody to."""

    def roles_for(self, groups: tuple[str, ...]) -> frozenset[AccessRole]:
        """What somebody in these groups may be; nothing at all unless it is on the list."""
        return frozenset(role for group, role in self.roles if group in groups)


def outside(settings: Settings) -> Outside | None:
    """The organisation's sign-in; None where there is none. Raises CannotStart."""
    if not settings.oidc_issuer:
        if not settings.local_accounts:
            raise CannotStart(
                "Nobody could sign in: set PARLEY_OIDC_ISSUER, or leave PARLEY_LOCAL_ACCOUNTS on."
            )
        return None
    origin = _origin(settings, settings.oidc_issuer)
    if not settings.oidc_client_id:
        raise CannotStart("Say what the provider calls us: set PARLEY_OIDC_CLIENT_ID.")
    scopes = settings.oidc_scopes.split()
    if "openid" not in scopes:
        raise CannotStart("PARLEY_OIDC_SCOPES has to name openid, as in `openid email`.")
    site = settings.site_url.rstrip("/")
    return Outside(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=_secret(settings),
        redirect_uri=site + BACK,
        signed_out_uri=site + "/referral/signed-out",
        scopes=" ".join(scopes),
        groups_claim=settings.oidc_groups_claim,
        roles=_roles(settings.oidc_groups),
        origins=frozenset({origin, *map(_host, settings.oidc_hosts)}),
    )


def origin_of(url: str) -> str | None:
    """Scheme, host and port; None for what is no plain web address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    usual = port in (None, 443 if parts.scheme == "https" else 80)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if usual else f":{port}")


def _origin(settings: Settings, issuer: str) -> str:
    """Where the issuer is. Raises CannotStart."""
    origin, parts = origin_of(issuer), urlsplit(issuer)
    if origin is None or parts.query or parts.fragment:
        raise CannotStart("PARLEY_OIDC_ISSUER must be an address, as in https://login.example.org")
    here = settings.is_development and parts.hostname in LOOPBACK
    if parts.scheme != "https" and not here:
        raise CannotStart(
            "PARLEY_OIDC_ISSUER must begin with https:// (http is for a provider on this machine, "
            "in development)."
        )
    return origin


def _host(host: str) -> str:
    """Where one more host is. Raises CannotStart."""
    origin = f"https://{host}"
    if origin_of(origin) != origin or "/" in host:
        raise CannotStart(f"PARLEY_OIDC_HOSTS: {host!r} is no name of a host, as keys.example.org.")
    return origin


def _secret(settings: Settings) -> str:
    file = settings.oidc_client_secret_file
    if file is None:
        raise CannotStart(
            "Give the file with the provider's client secret: set PARLEY_OIDC_CLIENT_SECRET_FILE."
        )
    try:
        secret = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise CannotStart(f"Cannot read the client secret in {file}: make it readable.") from None
    if not secret:
        raise CannotStart(f"The client secret in {file} is empty.")
    return secret


def _roles(text: str) -> tuple[tuple[str, AccessRole], ...]:
    """`Parley managers=manager; cn=x,ou=y=coordinator`: the last `=` counts."""
    found = []
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        group, _, role = (part.strip() for part in entry.rpartition("="))
        if not group or role not in set(AccessRole):
            known = ", ".join(AccessRole)
            raise CannotStart(
                f"PARLEY_OIDC_GROUPS: we cannot read {entry!r}. Write `group=role; group=role`, "
                f"with one of {known}."
            )
        found.append((group, AccessRole(role)))
    if not found:
        raise CannotStart(
            "No group may come in: say which may be what with PARLEY_OIDC_GROUPS, as in "
            "`Parley managers=manager`."
        )
    return tuple(found)
