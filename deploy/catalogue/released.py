"""The released revisions of every fact: files that are added to and never changed.

A fact's first revision is r1; each optional field added later makes the next. `released.json`
holds the SHA-256 of every released file, so that a change to one of them does not go unseen.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

from deploy.catalogue import compatibility
from deploy.catalogue.lint import lint
from deploy.catalogue.schema import Json, released_schema, sample_of
from shared.contracts.fact import Fact

FILE = re.compile(r"^(?:schemas|samples)/(?P<subject>[a-z_.]+\.v\d+)\.r(?P<revision>\d+)\.json$")

NO_FACT = (
    "{subject}: was released, and no class has it any more. Events told under it stay in the "
    "stream for ever: keep the class"
)
EDITED = "{file}: a released file was edited or removed. Put it back; a change is a new revision"
UNLISTED = "{file}: is not in released.json. Let `python -m deploy.catalogue write` make it"


def as_text(content: object) -> str:
    """JSON as it is written everywhere here: the same bytes for the same content."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


class Released:
    """What is in a folder of released schemas and samples."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        manifest = folder / "released.json"
        self.hashes: dict[str, str] = json.loads(manifest.read_text()) if manifest.exists() else {}

    def revisions(self, subject: str) -> list[int]:
        """The released revisions of `subject`, oldest first."""
        names = [match for match in map(FILE.match, self.hashes) if match]
        return sorted({int(name["revision"]) for name in names if name["subject"] == subject})

    def schema(self, subject: str, revision: int) -> Json:
        return self._read(f"schemas/{subject}.r{revision}.json")

    def sample(self, subject: str, revision: int) -> Json:
        return self._read(f"samples/{subject}.r{revision}.json")

    def tampered(self) -> list[str]:
        """Every released file that is not what was released, and every one nobody released."""
        found = {
            path.relative_to(self.folder).as_posix(): _digest(path.read_bytes())
            for kind in ("schemas", "samples")
            for path in (self.folder / kind).glob("*")
        }
        edited = [name for name, digest in self.hashes.items() if found.get(name) != digest]
        unlisted = sorted(set(found) - set(self.hashes))
        return [EDITED.format(file=name) for name in edited] + [
            UNLISTED.format(file=name) for name in unlisted
        ]

    def problems(self, facts: Sequence[type[Fact]]) -> list[str]:
        """Everything that forbids releasing `facts` as they are today."""
        if tampered := self.tampered():
            return tampered
        subjects = {fact.subject for fact in facts}
        orphans = {match["subject"] for match in map(FILE.match, self.hashes) if match} - subjects
        return [
            *(NO_FACT.format(subject=subject) for subject in sorted(orphans)),
            *(problem for fact in facts for problem in lint(fact) + self._unreadable(fact)),
        ]

    def unreleased(self, facts: Sequence[type[Fact]]) -> dict[str, str]:
        """The files still to be written for `facts`, by their path in the folder."""
        files = {}
        for fact in facts:
            revision = self._next_revision(fact)
            if revision is not None:
                name = f"{fact.subject}.r{revision}.json"
                files[f"schemas/{name}"] = as_text(released_schema(fact, revision))
                files[f"samples/{name}"] = as_text(sample_of(fact))
        if files:
            hashes = {name: _digest(text.encode()) for name, text in files.items()}
            files["released.json"] = as_text(dict(sorted((self.hashes | hashes).items())))
        return files

    def _unreadable(self, fact: type[Fact]) -> list[str]:
        try:
            return [
                problem
                for revision in self.revisions(fact.subject)
                for problem in compatibility.breaks(
                    fact.subject,
                    self.schema(fact.subject, revision),
                    revision,
                    released_schema(fact, revision),
                )
            ]
        except compatibility.NotUnderstood as refusal:
            return [f"{fact.subject}: {refusal}"]

    def _next_revision(self, fact: type[Fact]) -> int | None:
        done = self.revisions(fact.subject)
        if not done:
            return 1
        latest = compatibility.shape(self.schema(fact.subject, done[-1]))
        today = compatibility.shape(released_schema(fact, done[-1]))
        return None if today == latest else done[-1] + 1

    def _read(self, name: str) -> Json:
        content: Json = json.loads((self.folder / name).read_text())
        return content


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
