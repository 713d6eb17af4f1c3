"""Released schemas and samples: added to, never changed, readable for ever."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator

from deploy.catalogue.released import Released
from deploy.catalogue.schema import sample_id, sample_of
from shared.contracts.catalogue import FACTS
from tests.contracts.planted import Colour, a_fact

RELEASED = Released(Path("shared/contracts"))
EVERY_REVISION = [
    pytest.param(fact, revision, id=f"{fact.subject}.r{revision}")
    for fact in FACTS
    for revision in RELEASED.revisions(fact.subject)
]


def release(folder: Path, *facts: type) -> Released:
    """Write what `facts` lack, as `write` does, and read the folder again."""
    assert Released(folder).problems(facts) == []
    for name, text in Released(folder).unreleased(facts).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return Released(folder)


def test_every_fact_is_released_as_it_is_today():
    assert RELEASED.problems(FACTS) == []
    assert RELEASED.unreleased(FACTS) == {}


@pytest.mark.parametrize(("fact", "revision"), EVERY_REVISION)
def test_todays_class_reads_every_released_sample_without_loss(fact, revision):
    sample = RELEASED.sample(fact.subject, revision)

    read = fact.model_validate_json(json.dumps(sample), strict=True)

    assert read.model_dump(mode="json", exclude_unset=True) == sample


@pytest.mark.parametrize(("fact", "revision"), EVERY_REVISION)
def test_a_sample_fits_every_revision_of_its_schema_and_fills_its_own(fact, revision):
    sample = RELEASED.sample(fact.subject, revision)

    for other in RELEASED.revisions(fact.subject):
        Draft202012Validator(RELEASED.schema(fact.subject, other)).validate(sample)
    assert set(sample) == set(RELEASED.schema(fact.subject, revision)["properties"])
    assert None not in sample.values()


@pytest.mark.parametrize(("fact", "revision"), EVERY_REVISION)
def test_a_released_schema_is_a_schema(fact, revision):
    Draft202012Validator.check_schema(RELEASED.schema(fact.subject, revision))


def test_a_sample_is_the_same_each_time_it_is_made():
    assert sample_of(a_fact()) == sample_of(a_fact())
    assert sample_of(a_fact())["kettle_id"] == str(sample_id("kettle_id"))


def test_the_ids_in_samples_are_of_the_version_that_is_minted():
    assert sample_id("kettle_id").version == 7
    assert sample_id("kettle_id").variant == UUID(int=0x8000 << 48).variant
    assert sample_id("kettle_id") != sample_id("person_id")


def test_an_optional_field_makes_the_next_revision_and_leaves_the_first_alone(tmp_path):
    release(tmp_path, a_fact())
    first = (tmp_path / "schemas/referral.kettle_boiled.v1.r1.json").read_bytes()

    grown = release(tmp_path, a_fact(added=(Colour | None, None)))

    assert grown.revisions("referral.kettle_boiled.v1") == [1, 2]
    assert grown.sample("referral.kettle_boiled.v1", 2)["added"] == "red"
    assert "added" not in grown.sample("referral.kettle_boiled.v1", 1)
    assert (tmp_path / "schemas/referral.kettle_boiled.v1.r1.json").read_bytes() == first
    assert grown.tampered() == []


def test_nothing_is_written_when_only_words_change(tmp_path):
    release(tmp_path, a_fact())
    reworded = a_fact()
    reworded.__doc__ = "It whistled."

    assert Released(tmp_path).unreleased([reworded]) == {}


def test_a_break_with_any_revision_is_a_problem(tmp_path):
    release(tmp_path, a_fact())
    grown = release(tmp_path, a_fact(added=(Colour | None, None)))

    assert "could not be read" in grown.problems([a_fact(added=(UUID, ...))])[0]
    assert "rest on it" in grown.problems([a_fact()])[0]


def test_a_fact_that_somebody_could_slip_into_is_never_released(tmp_path):
    assert "free string" in Released(tmp_path).problems([a_fact(added=(str, ...))])[0]


@pytest.mark.parametrize("kind", ["schemas", "samples"])
def test_an_edited_or_removed_release_is_seen(tmp_path, kind):
    released = release(tmp_path, a_fact())
    file = tmp_path / kind / "referral.kettle_boiled.v1.r1.json"

    file.write_text(file.read_text() + " ")
    assert "edited or removed" in released.tampered()[0]
    assert "edited or removed" in released.problems([a_fact()])[0]
    file.unlink()
    assert "edited or removed" in released.problems([a_fact()])[0]


def test_a_file_that_nobody_released_is_seen(tmp_path):
    released = release(tmp_path, a_fact())

    (tmp_path / "samples/referral.kettle_boiled.v1.r2.json").write_text("{}")

    assert "is not in released.json" in released.tampered()[0]


def test_a_released_fact_keeps_its_class_for_ever(tmp_path):
    released = release(tmp_path, a_fact())

    assert "no class has it any more" in released.problems([])[0]
