"""One port for several apps: the first word of the path says which one a request is for.

Nothing in the request is changed: every app knows its own whole addresses.
"""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send


class Dispatcher:
    """An ASGI app that hands each request on to one of `apps`, keyed by first word of the path.

    What is for none of them, the site's front page above all, goes to `usual`. The apps'
    lifespans are not its business: whoever puts it together enters them.
    """

    def __init__(self, apps: Mapping[str, ASGIApp], usual: str) -> None:
        self._apps = dict(apps)
        self._usual = self._apps[usual]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        word = str(scope["path"]).removeprefix("/").partition("/")[0]
        await self._apps.get(word, self._usual)(scope, receive, send)
