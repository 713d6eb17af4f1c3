"""What a request must look like before anything else looks at it, and where it comes from.

The Host header has to name us: a page of another site whose name was made to mean our address
(DNS rebinding), and whoever hopes that we write their name into a link, get nothing. What a proxy
says of the caller is believed from the proxies the operator named, and from nobody else.
"""

import ipaddress
import re
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.requests import Request

WATCHED = ("/health/live", "/health/ready", "/metrics")
"""Asked by machines that know a container by its number only; they show nobody."""

MOST_HEADER_BYTES = 32 * 1024
"""The server in front of us stops at less for one header; this is for all of them together."""

HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d{1,5})?", re.IGNORECASE)

NOT_OURS = "This is not an address of ours. Check what is in the address bar."
UNCLEAR = "What was sent can be read in two ways, so we read it in neither."

IPV4_PREFIX, IPV6_PREFIX = 24, 56
"""What one household, school or office usually has; its neighbours share it."""


def refusal(request: Request, known_hosts: Collection[str | None]) -> tuple[int, str] | None:
    """Why this request goes no further: a status and words; None when it may."""
    headers = request.headers
    if sum(len(name) + len(value) for name, value in headers.raw) > MOST_HEADER_BYTES:
        return 431, "The request carries too much besides what was asked."
    lengths = headers.getlist("content-length")
    if len(lengths) > 1 or (lengths and "transfer-encoding" in headers):
        return 400, UNCLEAR
    if request.url.path.endswith(WATCHED):
        return None
    hosts = headers.getlist("host")
    if len(hosts) > 1:
        return 400, UNCLEAR
    if not hosts or _host_named(hosts[0]) not in known_hosts:
        return 400, NOT_OURS
    return None


def _host_named(host: str) -> str | None:
    """The name without its port, in small letters; None when it is not one plain name."""
    found = HOST.fullmatch(host)
    return found[1].strip("[]").lower() if found else None


def prefix_of(request: Request) -> str:
    """The neighbourhood of addresses a request comes from; never write it down in clear.

    The caller's own address has been put in by `running.py` where a trusted proxy told of it.
    """
    try:
        address = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address.packed, IPV6_PREFIX), strict=False))
        address = address.ipv4_mapped
    return str(ipaddress.ip_network((address.packed, IPV4_PREFIX), strict=False))


def declared_length(headers: Headers) -> int | None:
    """How long the body says it is; None when it says nonsense."""
    declared = headers.get("content-length", "0")
    return int(declared) if declared.isascii() and declared.isdigit() else None
