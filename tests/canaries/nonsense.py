"""Every route there is, asked with a canary in every part of a request that anybody can fill."""

import re
import socket
from collections.abc import Iterator
from uuid import UUID

import httpx

from tests.architecture.test_routes import routes_of
from tests.canaries import birds
from tests.canaries.house import COORDINATOR, MANAGER, House

SERVICES = ("referral", "scheduling", "notifications", "reporting")
ENDS_THE_SESSION = re.compile(r"/referral/(sessions/revoke-all|sign-out)")
NOBODYS = UUID(int=0xDEAD)

HEADERS = {
    "user-agent": birds.text("agent"),
    "referer": f"https://{birds.STEM}.example/",
    "accept-language": birds.text("language"),
    "x-request-id": birds.text("request"),
    "x-correlation-id": birds.text("correlation"),
    "x-forwarded-for": f"{birds.STEM}, 10.0.0.1",
    "x-forwarded-host": f"{birds.STEM}.example",
    "forwarded": f"for={birds.STEM};host={birds.STEM}.example",
    "traceparent": f"00-{birds.STEM}",
    "tracestate": f"{birds.STEM}=1",
    "baggage": f"who={birds.STEM}",
    "authorization": f"Bearer {birds.STEM}",
    "idempotency-key": birds.STEM,
    "if-none-match": birds.STEM,
}


def routes() -> Iterator[tuple[str, str]]:
    """Each method and route, of every service."""
    for service in SERVICES:
        for route in routes_of(service):
            for method in sorted(set(route.methods or ()) - {"HEAD"}):
                yield method, route.path


def try_everything(house: House) -> int:
    """Ask for all of it with nonsense in it; how many requests that were. None may end in a 500."""
    house.recorder.by_hand = False
    tried = 0
    for visitor in (house.visitor(MANAGER), house.visitor(COORDINATOR), house.visitor(None)):
        for method, path in routes():
            if ENDS_THE_SESSION.fullmatch(path):
                continue
            for filled in (birds.text("path"), str(NOBODYS)):
                answer = _ask(visitor.client, method, re.sub(r"\{.*?\}", filled, path))
                assert answer.status_code < 500 or answer.status_code == 503, (method, path)
                tried += 1
                if "{" not in path:
                    break
    _at_the_edges(house)
    house.recorder.by_hand = True
    return tried


def _ask(client: httpx.Client, method: str, path: str) -> httpx.Response:
    query = {"page": birds.STEM, "q": birds.STEM, "tab": birds.STEM, "next": birds.STEM}
    fields = {name: birds.text("field") for name in ("name", "csrf", "once", "version", "form")}
    own = {"origin": str(client.base_url).rstrip("/"), "sec-fetch-site": "same-origin"}
    content = {"data": fields | {birds.STEM: "x"}} if method == "POST" else {}
    return client.request(
        method, path, params=query, headers=HEADERS | own, follow_redirects=False, **content
    )


def _at_the_edges(house: House) -> None:
    """What never reaches a route: strange methods, hosts, bodies, and no HTTP at all."""
    client, said = house.visitor().client, birds.text("edge")
    for service in SERVICES:
        client.request("BREW", f"/{service}/", headers=HEADERS)
        client.get(f"/{service}/{said}", headers={"host": f"{birds.STEM}.example"})
        client.get(f"/{service}/{said}", headers={"x-long": birds.STEM * 2000})
    client.post("/referral/api/referrals", content=said.encode() * 20_000, headers=HEADERS)
    client.post("/referral/api/referrals", content=said, headers={"content-type": said})
    client.post("/referral/refer/contact", content=said.encode() * 20_000)
    client.post("/referral/refer/contact", files={"name": (said, said.encode())})
    host, _, port = house.system.address.removeprefix("http://").partition(":")
    for line in (
        f"{said} / HTTP/1.1\r\n\r\n",
        f"GET /{said} HTTP/9.9\r\nHost: {said}\r\n\r\n",
        said,
    ):
        with socket.create_connection((host, int(port)), timeout=5) as line_open:
            line_open.sendall(line.encode())
            line_open.settimeout(0.3)
            try:
                line_open.recv(1000)
            except TimeoutError:
                continue
