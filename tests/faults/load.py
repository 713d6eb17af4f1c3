"""Work for a system while things break: agencies that refer people, a coordinator who decides.

An agency's program does what the API asks of it: it gives every referral a key of its own, and
sends the same again under the same key until it has an answer. What was answered is a promise.
"""

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx

from tests.fixtures.system import System
from tests.fixtures.visitor import Page, Visitor
from tests.journeys.test_referrals import API, example_of, named

WRITERS = 2
PAUSE_SECONDS = 0.25
"""Between two referrals of one agency, on average: two cores have other things to do."""

ANSWER_PATIENCE_SECONDS = 4.0
"""An agency that hears nothing for so long sends the same again."""

ASKED_AGAIN = 0.2
"""The share of requests that are sent once more although they were answered."""

ACCEPTED, DECLINED = "accepted", "declined"


class Load:
    """What was sent, and what was promised in answer, over as many faults as there are."""

    def __init__(self, system: System, seed: int) -> None:
        self.system = system
        self.promised: dict[str, UUID] = {}
        """The referral each key was answered with."""
        self.decided: dict[UUID, str] = {}
        """What the coordinator saw done."""
        self.complaints: list[str] = []
        """Answers nobody should get: another referral for the same key, or a refusal."""
        self._chance = random.Random(seed)
        self._done = threading.Event()
        self._given_up = threading.Event()
        self._example: dict[str, Any] = {}
        self._token = ""
        self._settled: set[UUID] = set()

    @contextmanager
    def going_on(self) -> Iterator["Load"]:
        """Send until the block ends, and then until everything that was sent is answered.

        Whoever breaks the system in the block has it running again at its end.
        """
        self._done.clear()
        self._given_up.clear()
        self._example = example_of(self.system.visitor().client)
        self._token = self.system.token()
        address = self.system.address
        tasks: list[Callable[[str, random.Random], None]] = [self._refer] * WRITERS
        threads = [
            threading.Thread(target=task, args=(address, random.Random(self._chance.random())))
            for task in (*tasks, self._decide)
        ]
        for thread in threads:
            thread.start()
        try:
            yield self
        except BaseException:
            self._given_up.set()  # nobody may be there to answer
            raise
        finally:
            self._done.set()
            for thread in threads:
                thread.join()

    @property
    def answered(self) -> int:
        return len(self.promised)

    def _refer(self, address: str, chance: random.Random) -> None:
        """One agency."""
        with httpx.Client(base_url=address, timeout=ANSWER_PATIENCE_SECONDS) as client:
            while not self._done.wait(chance.uniform(0, 2 * PAUSE_SECONDS)):
                key = str(UUID(int=chance.getrandbits(128), version=4))
                body = {**named(self._example, f"{key}@example.org")}
                body["source"] = chance.choice(("housing", "police"))
                self._until_answered(client, key, body)
                if chance.random() < ASKED_AGAIN:
                    self._until_answered(client, key, body)

    def _until_answered(self, client: httpx.Client, key: str, body: Mapping[str, Any]) -> None:
        while not self._given_up.is_set():
            try:
                answer = client.post(API, json=body, headers={"Idempotency-Key": key})
            except httpx.TransportError:
                self._given_up.wait(0.1)  # nobody there, or cut off in the middle
                continue
            if answer.status_code >= 500:
                self._given_up.wait(0.1)
                continue
            self._note(key, answer)
            return

    def _note(self, key: str, answer: httpx.Response) -> None:
        if answer.status_code != 201:
            self.complaints.append(f"{key} was answered {answer.status_code}: {answer.text}")
            return
        referral = UUID(answer.json()["referral_id"])
        if self.promised.setdefault(key, referral) != referral:
            self.complaints.append(f"{key} was answered with two referrals")

    def _decide(self, address: str, chance: random.Random) -> None:
        """The coordinator: accepts most, declines some, and looks again after every trouble."""
        visitor = Visitor(address, self._token)
        try:
            while not self._done.wait(chance.uniform(0, 4 * PAUSE_SECONDS)):
                known = self.decided.keys() | self._settled
                waiting = [one for one in list(self.promised.values()) if one not in known]
                if not waiting:
                    continue
                try:
                    self._decide_one(visitor, chance.choice(waiting), chance)
                except httpx.TransportError:
                    visitor.close()
                    visitor = Visitor(address, self._token)
        finally:
            visitor.close()

    def _decide_one(self, visitor: Visitor, referral: UUID, chance: random.Random) -> None:
        page = self._open(visitor, f"/referral/cases/{referral}")
        if page is None:
            return
        if "Accept the referral" not in page.main:
            self._settled.add(referral)  # in a request nobody heard the answer of
            return
        wanted = ACCEPTED if chance.random() < 0.7 else DECLINED
        if wanted == ACCEPTED:
            done = page.press("Accept the referral")
        else:
            asked = self._open(visitor, page.link("Decline the referral"))
            if asked is None:
                return
            done = asked.press("Decline the referral", reason="out_of_scope")
        if done.status == 200 and f"You {wanted} the referral" in done.done:
            self.decided[referral] = wanted

    def _open(self, visitor: Visitor, path: str) -> Page | None:
        """The page, unless the system says that it cannot show it now."""
        page = Page(visitor, visitor.client.get(path))
        if page.status < 500 and page.status != 200:
            self.complaints.append(f"{path} was answered {page.status}")
        return page if page.status == 200 else None
