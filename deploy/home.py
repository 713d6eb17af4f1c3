"""Where the embedded run keeps everything: one folder, for one run at a time.

var/stores/<service>.db   what each service knows
var/nats/                 the streams
var/keys/                 who may do what on the NATS server, and referral's secret
var/keys/sealing/         what the stores are sealed with: in production not beside them
var/keys/erased.ledger    who was erased: put back with no backup, read at every start
var/mailbox/              the mail that was sent
var/run.json              the run that is alive, for `parley doctor` and the rest
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from shared.plumbing.settings import CannotStart

SECRET_BYTES = 32


@dataclass(frozen=True)
class Run:
    """What another process needs to know of a run."""

    pid: int
    address: str
    nats_url: str


class Home:
    """The folder, made on the first use; nobody but its owner can look inside."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.keys = self.root / "keys"
        self.sealing = self.keys / "sealing"
        self.ledger = self.keys / "erased.ledger"
        self.nats = self.root / "nats"
        self.stores = self.root / "stores"
        self.mailbox = self.root / "mailbox"

    def make(self) -> None:
        """Raises CannotStart where the folder cannot be made."""
        try:
            for folder in (self.root, self.keys, self.sealing, self.stores, self.mailbox):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                folder.chmod(0o700)  # it may have been there before, and open
        except OSError as error:
            raise CannotStart(
                f"Cannot keep anything in {self.root} ({error.strerror}): set PARLEY_VAR to a "
                "folder you may write to."
            ) from None

    def store_url(self, service: str) -> str:
        return f"sqlite+aiosqlite:///{self.stores / service}.db"

    def user_creds(self, user: str) -> Path:
        """The credentials of one NATS user."""
        return self.keys / "users" / f"{user}.creds"

    def secret(self) -> Path:
        """A file with random bytes of our own, made once."""
        path = self.keys / "secret"
        if not path.exists():
            unfinished = self.keys / "secret.new"
            unfinished.touch(mode=0o600)
            with unfinished.open("w") as file:
                file.write(secrets.token_hex(SECRET_BYTES))
                file.flush()
                os.fsync(file.fileno())  # what it seals must not outlive it in a power cut
            unfinished.replace(path)
            _keep_names(self.keys)
        return path

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Have the folder to ourselves. Raises CannotStart when another run has it."""
        descriptor = os.open(self.root / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            self._lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            run = self.run()
            which = f" (process {run.pid}, {run.address})" if run else ""
            raise CannotStart(
                f"Another Parley{which} is using {self.root}: stop it, or set PARLEY_VAR to "
                "another folder."
            ) from None

    @contextmanager
    def told(self, run: Run) -> Iterator[None]:
        """Tell other processes of this run while it is alive."""
        path = self.root / "run.json"
        path.write_text(json.dumps(asdict(run)))
        try:
            yield
        finally:
            path.unlink(missing_ok=True)

    def run(self) -> Run | None:
        """The run that is alive, or was when it was cut short."""
        with suppress(OSError, ValueError, TypeError):
            return Run(**json.loads((self.root / "run.json").read_text()))
        return None


def _keep_names(folder: Path) -> None:
    """Write the names in a folder through to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
