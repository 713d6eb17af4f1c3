"""Every place that is searched, and how what is there is got."""

import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import httpx
import psutil

from tests.canaries.house import House
from tests.canaries.listeners import ADVISORIES, IN_FLIGHT

SERVICES = ("referral", "scheduling", "notifications", "reporting")

Look = Callable[[House], bytes]


def files(*paths: Path) -> bytes:
    """What is in these files, and in every file of these folders, their names too."""
    found = []
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [str(one).encode() + b"\n" + _read(one) for one in inside if one.is_file()]
    return b"\n".join(found)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # the broker tidies up behind itself
        return b""


def store(service: str) -> Look:
    return lambda house: files(*sorted(house.home.stores.glob(f"{service}.db*")))


def server_log(house: House) -> bytes:
    return files(*sorted(house.home.nats.glob("server.log*")))


def what_was_logged(house: House) -> bytes:
    return files(house.system.log)


def fetched(*paths: str) -> Look:
    def look(house: House) -> bytes:
        with httpx.Client(base_url=house.system.address, timeout=60) as client:
            return b"\n".join(client.get(path).content for path in paths)

    return look


def commands(house: House) -> bytes:
    return b"\n".join(house.said)


def backup(house: House) -> bytes:
    """Everything the system keeps, as a backup takes it, but for its keys and the mailbox."""
    whole = BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        for path in sorted(house.home.root.iterdir()):
            if path not in (house.home.keys, house.home.mailbox):
                archive.add(path, path.name)
    return whole.getvalue()


def bundle(house: House) -> bytes:
    """What is in the file that goes to whoever helps, unpacked, and the file itself."""
    path = house.folder / "bundle.tar.gz"
    path.unlink(missing_ok=True)
    house.command("support-bundle", "--to", str(path))
    with tarfile.open(path) as archive:
        inside = [
            member.name.encode() + b"\n" + file.read()
            for member in archive
            if (file := archive.extractfile(member)) is not None
        ]
    return b"\n".join([*inside, path.read_bytes()])


def elsewhere(house: House) -> bytes:
    """Whatever else lies in the folder: the run's own notes, locks, ports."""
    known = {house.home.stores, house.home.nats, house.home.keys, house.home.mailbox}
    return files(*[one for one in sorted(house.home.root.iterdir()) if one not in known])


def temporary(house: House) -> bytes:
    """What processes left where temporary files go; the names count too."""
    folder = house.folder / "tmp"
    return f"{sorted(one.name for one in folder.rglob('*'))}".encode() + files(folder)


def command_lines(house: House) -> bytes:
    """What anybody on the machine sees of the processes that run on."""
    process = house.system.process
    assert process is not None
    all_ = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    return b"\n".join(" ".join(one.cmdline()).encode() for one in all_)


PLACES: dict[str, Look] = {
    "streams: subjects, headers, bodies, settings": lambda house: house.tap.streams(),
    "advisories and the server's own subjects": lambda house: house.tap.said(*ADVISORIES),
    "all else on the NATS server but asks": lambda house: house.tap.said_besides(*IN_FLIGHT),
    "files of the NATS server": lambda house: files(house.home.nats),
    "log of the NATS server": server_log,
    "log of the processes, every library at DEBUG": what_was_logged,
    "metrics": fetched(*(f"/{service}/metrics" for service in SERVICES)),
    "traces": lambda house: b"\n".join(house.collector.received),
    "health": fetched("/health/ready", *(f"/{service}/health/ready" for service in SERVICES)),
    **{f"store of {service}, raw, write-ahead log too": store(service) for service in SERVICES},
    "what commands print, parked events among it": commands,
    "pages of parked events": lambda house: b"".join(
        house.recorder.pages(f"/{service}/parked") for service in SERVICES
    ),
    "what partner officers are shown of their referrals": lambda house: house.recorder.pages(
        "/referral/partner", besides="/referral/partner/refer"
    ),
    "figures and their spreadsheets": lambda house: house.recorder.pages("/reporting"),
    "problem+json and error pages": lambda house: house.recorder.errors(),
    "headers of every answer": lambda house: house.recorder.headers(),
    "addresses opened, linked or led to": lambda house: house.recorder.addresses(),
    "answers that may be kept": lambda house: b"\n".join(
        one.content for one in house.recorder.keepable()
    ),
    "support bundle": bundle,
    "backup without its keys": backup,
    "other files of the run": elsewhere,
    "temporary files": temporary,
    "command lines of the processes": command_lines,
}

EARLY = (
    "streams: subjects, headers, bodies, settings",
    "all else on the NATS server but asks",
    "files of the NATS server",
    "backup without its keys",
)
"""Searched before events are slipped into the streams that hold somebody on purpose."""
