"""The development mailbox: a real SMTP server on loopback, and pages to read what it took in.

Nothing leaves this machine. `/mailbox` lists the mail, newest first. It stands for the inboxes of
everybody who is written to, so there are no walls in it; it is there in development alone.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated
from uuid import UUID

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from deploy.listening import listening_on
from deploy.mail_store import MailStore, part_of, recipients_of, sent_at, subject_of
from shared.contracts.access import Action
from shared.plumbing import metrics, problems
from shared.plumbing.armour import Armour
from shared.plumbing.gates import may
from shared.plumbing.settings import Settings
from shared.plumbing.staff import Sessions
from shared.plumbing.world import REAL, World
from shared.ui.pages import Pages, Site, render

MOST_BYTES = 1024 * 1024
MOST_LISTED = 200

AS_THE_READER_SEES_IT = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
"""For a message's own HTML: styles at most; no script, picture, form or address of any kind."""

READS_MAIL = may(Action.SEE_MESSAGES)

log = structlog.get_logger()


class TakesIn:
    """What aiosmtpd calls for each message."""

    def __init__(self, store: MailStore, world: World) -> None:
        self._store, self._world = store, world

    async def handle_DATA(  # noqa: N802 - the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.original_content or b""
        mail_id = self._world.new_id()
        try:
            await run_in_threadpool(
                self._store.keep, mail_id, envelope.mail_from or "", envelope.rcpt_tos, content
            )
        except OSError as error:
            log.error("mail_not_kept", error_type=type(error).__name__)
            return "451 The mailbox cannot write it down; try again later"
        return "250 Taken into the development mailbox"


@asynccontextmanager
async def serve_smtp(store: MailStore, world: World = REAL) -> AsyncIterator[int]:
    """Take in mail on loopback while inside; gives the port."""
    handler = TakesIn(store, world)

    def session() -> SMTP:
        return SMTP(
            handler, hostname="localhost", ident="Parley mailbox", data_size_limit=MOST_BYTES
        )

    async with listening_on(session) as port:
        yield port


def _store(request: Request) -> MailStore:
    store: MailStore = request.app.state.mail
    return store


Mails = Annotated[MailStore, Depends(_store)]

router = APIRouter(prefix="/mailbox", include_in_schema=False)


@router.get("", response_class=HTMLResponse, dependencies=[READS_MAIL])
def list_mail(request: Request, mails: Mails) -> Response:
    leaves = request.app.state.mail_leaves
    return render(request, "mailbox/list.html", mails=mails.newest(MOST_LISTED), mail_leaves=leaves)


@router.get("/{mail_id}", response_class=HTMLResponse, dependencies=[READS_MAIL])
def show_mail(request: Request, mails: Mails, mail_id: UUID) -> Response:
    mail = mails.find(mail_id)
    if mail is None:
        raise HTTPException(404, "There is no such message.")
    return render(
        request,
        "mailbox/mail.html",
        id=mail_id,
        to=recipients_of(mail),
        subject=subject_of(mail),
        sent=sent_at(mail),
        text=part_of(mail, "plain"),
        html=part_of(mail, "html"),
        headers=[(name, str(value)) for name, value in mail.items()],
    )


@router.get("/{mail_id}/html", response_class=HTMLResponse, dependencies=[READS_MAIL])
def show_html(mails: Mails, mail_id: UUID) -> Response:
    """The HTML part alone, in a page that can do nothing."""
    mail = mails.find(mail_id)
    html = part_of(mail, "html") if mail else None
    if html is None:
        raise HTTPException(404, "This message has no HTML part.")
    return HTMLResponse(html, headers={"content-security-policy": AS_THE_READER_SEES_IT})


def create(
    store: MailStore,
    sessions: Sessions,
    world: World = REAL,
    *,
    mail_leaves: bool = False,
    settings: Settings | None = None,
) -> FastAPI:
    """The pages, as an ASGI app under `/mailbox`; `mail_leaves` when another server gets it."""
    app = FastAPI(title="Parley mailbox", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.mail, app.state.mail_leaves = store, mail_leaves
    app.state.sessions, app.state.https_only = sessions, False
    app.include_router(router)
    pages = Pages("mailbox", Path(__file__).parent / "pages", Site(development=True))
    pages.attach(app)
    problems.install(app)
    app.add_middleware(
        Armour, metrics=metrics.of("mailbox"), world=world, settings=settings or Settings()
    )
    return app
