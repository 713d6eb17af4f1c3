"""Passwords: which are good enough, and whether one is right, at a bounded cost in memory.

argon2id with the library's own figures (64 MiB, 3 passes, 4 lanes: RFC 9106, the second choice).
"""

import asyncio
import base64
import re
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

T = TypeVar("T")

SHORTEST, LONGEST = 12, 200

AT_ONCE = 2
"""How many are worked out at the same time: 128 MiB at most, however many people try."""


class NotGoodEnough(Exception):
    """A password that would be guessed; says what to do, in words fit to show."""


def check(password: str, email: str = "") -> None:
    """Raise NotGoodEnough for what is too short, or is tried first by whoever guesses.

    No rules about kinds of characters, and no expiry: both make for worse passwords (NCSC, NIST
    800-63B 5.1.1.2).
    """
    plain = _plain(password)
    if len(plain) < SHORTEST:
        raise NotGoodEnough(f"Use at least {SHORTEST} characters. Three random words are good.")
    if len(plain) > LONGEST:
        raise NotGoodEnough(f"Use {LONGEST} characters or fewer.")
    if is_common(plain, email):
        raise NotGoodEnough("This is one of the first passwords that are tried. Choose another.")


def is_common(password: str, email: str = "") -> bool:
    """Whether it is on the list, repeats or counts up, or says little beyond who and where."""
    bare = password.casefold()
    stem = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", bare)
    own = {word for word in re.split(r"[\W_]+", email.casefold()) if len(word) > 2}
    left = bare
    for word in sorted(own | {"parley"}, key=len, reverse=True):
        left = left.replace(word, "")
    return (
        bare in _listed()
        or (stem in _listed() or len(stem) < 3)
        or len(set(bare)) < 4
        or any(bare == (bare[:n] * len(bare))[: len(bare)] for n in range(1, len(bare) // 2 + 1))
        or _counts(bare)
        or len(left) < SHORTEST // 2
    )


class Passwords:
    """Works passwords out, two at a time; everybody else waits their turn."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
        self._nobodys = _nobodys(self._hasher)

    async def hash(self, password: str) -> str:
        """What to keep of a new password."""
        return await self._apart(self._hasher.hash, _plain(password))

    async def matches(self, kept: str | None, password: str) -> bool:
        """Whether it is the password. With nothing kept it is not, at just the same cost."""
        right = await self._apart(self._verify, kept or self._nobodys, _plain(password))
        return right and kept is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _apart(self, work: Callable[..., T], *given: str) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)


def _plain(password: str) -> str:
    """The same letters however a keyboard makes them; what is not text becomes a mark."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "replace").decode()


def _nobodys(hasher: PasswordHasher) -> str:
    """A hash of the usual cost that no password fits."""
    salt, tag = (
        base64.b64encode(bytes(size)).decode().rstrip("=")
        for size in (hasher.salt_len, hasher.hash_len)
    )
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${tag}"


def _counts(text: str) -> bool:
    """Whether each character follows the one before, up or down: 123456789012, abcdefghijkl."""
    steps = {
        (ord(after) - ord(before)) % (10 if (after + before).isdigit() else 26)
        for before, after in pairwise(text)
    }
    return len(steps) == 1


@cache
def _listed() -> frozenset[str]:
    lines = (Path(__file__).parent / "common_passwords.txt").read_text().splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
