import asyncio
import os
import signal
import socket

import httpx
import pytest
from starlette.responses import PlainTextResponse

from deploy.server import Stopping, take_port


@pytest.fixture
def port():
    with take_port("127.0.0.1", 0) as taken:
        yield taken


def address_of(port):
    return f"http://127.0.0.1:{port.getsockname()[1]}"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_a_stop_finishes_the_request_that_is_being_answered(port, how):
    async def slow(scope, receive, send):
        os.kill(os.getpid(), how)
        await asyncio.sleep(0.3)
        await PlainTextResponse("done")(scope, receive, send)

    address = address_of(port)

    async def ask():
        async with httpx.AsyncClient() as client:
            return (await client.get(address)).text

    stopping = Stopping()
    with stopping.by_signals():
        asking = asyncio.create_task(ask())
        await asyncio.wait_for(stopping.serve(slow, port, lambda: None), 10)

    assert await asking == "done"
    with pytest.raises(httpx.ConnectError):
        await ask()


async def test_asked_a_second_time_it_waits_for_nobody(port):
    begun = asyncio.Event()

    async def endless(scope, receive, send):
        begun.set()
        await asyncio.sleep(60)

    async def ask():
        async with httpx.AsyncClient(timeout=60) as client:
            await client.get(address_of(port))

    async def press_twice():
        await begun.wait()
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    stopping = Stopping()
    with stopping.by_signals():
        asking, pressing = asyncio.create_task(ask()), asyncio.create_task(press_twice())
        await asyncio.wait_for(stopping.serve(endless, port, lambda: None), 10)

    await pressing
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


async def test_a_stop_that_got_lost_while_starting_is_noticed_before_serving(port):
    async def start_badly():
        stopping = Stopping()
        with stopping.by_signals():
            os.kill(os.getpid(), signal.SIGTERM)
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                lost = True
            assert lost
            await stopping.serve(lambda *_: None, port, lambda: None)

    starting = asyncio.create_task(start_badly())
    await asyncio.wait({starting}, timeout=10)

    assert starting.cancelled()


def test_the_second_half_of_an_answer_does_not_wait_until_the_first_was_confirmed(port):
    with socket.create_connection(port.getsockname()):
        connection, _ = port.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
