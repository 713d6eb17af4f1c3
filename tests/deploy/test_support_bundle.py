"""`parley support-bundle`: what an engineer needs, and nobody in it (A26)."""

import json
import os
import stat
import tarfile

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.upkeep.support.scrubbing import LEFT_OUT, log_lines, sentence

PARTS = {
    *("README.txt", "versions.json", "settings.json", "machine.json", "doctor.json"),
    *("health.json", "metrics.txt", "streams.json", "stores.json", "keys.json", "audit.json"),
    *("left-out.txt", "logs/nats-server.log"),
}


def read(path) -> dict[str, str]:
    with tarfile.open(path) as archive:
        return {
            one.name.removeprefix("parley-support/"): archive.extractfile(one).read().decode()
            for one in archive
        }


async def test_it_tells_what_there_is_and_how_it_stands(deployment, tmp_path):
    await deployment.tell("Riverside", "Northfields")
    said = await deployment.parley("support-bundle", "--to", str(tmp_path / "b.tar.gz"))

    assert said.exit_code == 0, said.output
    found = read(tmp_path / "b.tar.gz")
    assert set(found) == PARTS
    stores, streams = json.loads(found["stores.json"]), json.loads(found["streams.json"])
    assert stores["referral"]["rows"]["outbox"] == 2
    assert stores["referral"]["revision"] == stores["referral"]["wanted"]
    assert streams["streams"]["referral"]["events"] == 2
    assert streams["streams"]["referral"]["readers"]["reporting-referral"]["waiting"] == 2
    assert json.loads(found["audit.json"])["referral"]["tampered"] == 0
    assert [one for one in json.loads(found["doctor.json"]) if "nats-server" in one["said"]]
    assert "Riverside" not in "".join(found.values()), "what areas are called is not needed"


async def test_it_is_for_its_owner_alone_and_takes_the_place_of_no_other(deployment, tmp_path):
    path = tmp_path / "b.tar.gz"
    old = os.umask(0)
    try:
        await deployment.parley("support-bundle", "--to", str(path))
        before = path.read_bytes()
        again = await deployment.parley("support-bundle", "--to", str(path))
    finally:
        os.umask(old)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert again.exit_code == 1
    assert "is there already" in again.output
    assert path.read_bytes() == before
    with tarfile.open(path) as archive:
        assert {(one.uname, one.uid, one.mode) for one in archive} == {("", 0, 0o600)}


@pytest.mark.parametrize("name", ["b.zip", "no/such/folder/b.tar.gz"])
def test_where_it_cannot_be_written_it_says_so(tmp_path, monkeypatch, name):
    monkeypatch.setenv("PARLEY_VAR", str(tmp_path / "var"))
    said = CliRunner().invoke(app, ["support-bundle", "--to", str(tmp_path / name)])

    assert said.exit_code == 1
    assert "Traceback" not in said.output


def test_with_nothing_there_it_still_tells_what_it_can(tmp_path, monkeypatch):
    monkeypatch.setenv("PARLEY_VAR", str(tmp_path / "jane.smith" / "var"))
    monkeypatch.setenv("PARLEY_SITE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PARLEY_SMTP_URL", "smtp://jane:s3sam3@mail.example:25")
    monkeypatch.setenv("PARLEY_PHONE_NUMBER", "020 7946 0999")
    path = tmp_path / "b.tar.gz"

    said = CliRunner().invoke(app, ["support-bundle", "--to", str(path)])

    assert said.exit_code == 0, said.output
    found = read(path)
    assert "streams.json: Parley is not running here" in found["left-out.txt"]
    assert "Left out: streams.json" in said.output
    assert json.loads(found["stores.json"])["referral"] == {"not_read": "there is no store yet"}
    settings = json.loads(found["settings.json"])["settings"]
    assert settings["smtp_url"] == settings["phone_number"] == "set"
    assert settings["host"] == "not set"
    for secret in ("s3sam3", "mail.example", "0999", "jane", str(tmp_path)):
        assert secret not in "".join(found.values()), secret
    assert not (tmp_path / "jane.smith").exists(), "looking makes nothing"


def test_of_a_log_only_lines_of_a_known_form_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("PARLEY_VAR", str(tmp_path / "var"))
    log = tmp_path / "parley.log"
    log.write_text("Sam Example rang\n2026-03-02T09:00:00Z [info     ] case_opened  what='sam'\n")
    path = tmp_path / "b.tar.gz"

    CliRunner().invoke(app, ["support-bundle", "--to", str(path), "--log", str(log)])
    missing = CliRunner().invoke(
        app, ["support-bundle", "--to", str(tmp_path / "c.tar.gz"), "--log", str(tmp_path / "no")]
    )

    kept = read(path)["logs/1.log"].splitlines()
    assert kept == [
        "2026-03-02T09:00:00Z [info] case_opened what=sam",
        "(1 lines of another form are left out.)",
    ]
    assert missing.exit_code == 1
    assert "cannot be read" in missing.output


ID = "0198c0de-0000-7000-8000-0000000000aa"


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (f"2026-03-02T09:00:00Z [info     ] a_b  n=3 case_id={ID}", f"a_b n=3 case_id={ID}"),
        ("2026-03-02T09:00:00Z [info     ] a_b  name='Sam Example' n=1", f"name={LEFT_OUT} n=1"),
        ("2026-03-02T09:00:00Z [info     ] Sam Example", None),
        ("2026-03-02T09:00:00Z [error    ] a_b  to=sam@example.org", f"to={LEFT_OUT}"),
        ('{"event": "a_b", "level": "info", "timestamp": "2026-03-02T09:00:00Z", "x": "Sam E"}',
         f"x={LEFT_OUT}"),
        ('{"event": "Sam Example", "level": "info", "timestamp": "2026-03-02T09:00:00Z"}', None),
        ("{not json", None),
        ("ValueError", "ValueError"),
        ("ValueError: Sam Example is no number", None),
        ("  /opt/sam/parley/services/referral/main.py:12 create", "services/referral/main.py:12"),
        ('[9] 2026/03/02 09:00:00.123 [ERR] cid:5 - Publish Violation - Subject "a.Sam"',
         f"Subject {LEFT_OUT}"),
    ],
)  # fmt: skip
def test_a_line_of_a_log_loses_what_could_be_somebody(line, kept):
    found = "\n".join(log_lines(line))

    assert "Sam" not in found
    assert "sam" not in found
    if kept is None:
        assert "of another form" in found
    else:
        assert kept in found


@pytest.mark.parametrize(
    "text",
    [
        "The NATS server at nats://sam:word@host:4222 cannot be reached",
        "/opt/sam/var/keys/referral.keys may be read by others: chmod 0400",
        "written to sam@example.org",
        "rang 07700 900 140 today",
    ],
)
def test_a_sentence_loses_paths_credentials_addresses_and_numbers(text):
    found = sentence(text)

    for word in ("sam", "word@", "900 140"):
        assert word not in found
