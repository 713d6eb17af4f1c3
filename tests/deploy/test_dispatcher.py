import pytest
from httpx import ASGITransport, AsyncClient
from starlette.responses import PlainTextResponse

from deploy.dispatcher import Dispatcher


def saying(word):
    async def app(scope, receive, send):
        await PlainTextResponse(f"{word} {scope['path']}{scope.get('root_path', '')}")(
            scope, receive, send
        )

    return app


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/", "referral /"),
        ("/scheduling", "scheduling /scheduling"),
        ("/scheduling/cases/1", "scheduling /scheduling/cases/1"),
        ("/schedulings", "referral /schedulings"),
        ("//scheduling", "referral //scheduling"),
        ("/nowhere", "referral /nowhere"),
        ("/%73cheduling/x", "scheduling /scheduling/x"),
    ],
)
async def test_the_first_word_says_which_app_and_the_address_stays_whole(path, answer):
    apps = {name: saying(name) for name in ("referral", "scheduling")}
    transport = ASGITransport(app=Dispatcher(apps, usual="referral"))

    async with AsyncClient(transport=transport) as client:
        found = await client.get(f"http://127.0.0.1{path}")

    assert found.text == answer
