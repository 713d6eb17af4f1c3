"""What is sealed opens in its own place with its own key, and nowhere else."""

import os
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.plumbing.columns import Blob, SealedBytes
from shared.plumbing.sealing import cipher
from shared.plumbing.sealing.fields import LONG, SHORT, Field
from shared.plumbing.sealing.keyring import KEPT_SECONDS, MOST_KEPT, Keyring, Kind
from shared.plumbing.sealing.trouble import Damaged, KeysAway
from shared.plumbing.sealing.wrapping import NoWrapper
from shared.plumbing.settings import CannotStart
from tests.fixtures import keys

ROW, OTHER_ROW = UUID(int=1), UUID(int=2)
PERSON, OTHER_PERSON = UUID(int=11), UUID(int=12)
NAME = Field("referral|person|name", SHORT)


def a_key(subject=PERSON):
    return keys.keyring("referral").new(subject, Kind.PERSON).ready


@given(st.binary(max_size=600), st.sampled_from([SHORT, LONG]))
def test_what_was_sealed_opens_again(plain, bucket):
    field, key = Field("a|b|c", bucket), a_key()

    assert field.open(key, ROW, field.seal(key, ROW, plain)) == plain


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_length_says_no_more_than_its_bucket(one, other):
    key = a_key()
    lengths = [len(NAME.seal(key, ROW, name)) for name in (one, other)]
    buckets = [-(-(4 + len(name.encode())) // SHORT) for name in (one, other)]

    assert (lengths[0] == lengths[1]) == (buckets[0] == buckets[1])
    assert (lengths[0] - cipher.SHORTEST) % SHORT == 0


@given(st.binary(min_size=1, max_size=80), st.data())
def test_every_flipped_bit_is_noticed(plain, data):
    key = a_key()
    blob = bytearray(NAME.seal(key, ROW, plain))
    bit = data.draw(st.integers(0, len(blob) * 8 - 1))
    blob[bit // 8] ^= 1 << bit % 8

    with pytest.raises(Damaged):
        NAME.open(key, ROW, Blob(blob))


def test_no_single_bit_of_a_sealed_name_can_be_changed():
    key = a_key()
    sealed = NAME.seal(key, ROW, "Aisha Khan")
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Damaged):
            NAME.open(key, ROW, Blob(changed))


@given(st.binary(max_size=100))
def test_anything_else_is_refused_and_never_shown(noise):
    with pytest.raises(Damaged):
        NAME.open(a_key(), ROW, Blob(noise))


@pytest.mark.parametrize(
    ("field", "row", "subject"),
    [
        (NAME, OTHER_ROW, PERSON),
        (Field("referral|person|born", SHORT), ROW, PERSON),
        (Field("referral|party|name", SHORT), ROW, PERSON),
        (Field("scheduling|person|name", SHORT), ROW, PERSON),
        (Field("referral|person|name", SHORT, version=2), ROW, PERSON),
    ],
)
def test_a_value_moved_to_another_row_column_table_service_or_form_does_not_open(
    field, row, subject
):
    key = a_key(subject)
    sealed = NAME.seal(key, ROW, "Aisha Khan")

    with pytest.raises(Damaged):
        field.open(key, row, sealed)


def test_a_value_moved_to_another_person_does_not_open_even_with_the_same_secret():
    ring = keys.keyring("referral")
    made = ring.new(PERSON, Kind.PERSON)
    sealed = NAME.seal(made.ready, ROW, "Aisha Khan")

    with pytest.raises(Damaged):
        NAME.open(ring.new(OTHER_PERSON, Kind.PERSON).ready, ROW, sealed)
    same_secret = type(made.ready)(OTHER_PERSON, made.ready.key)
    with pytest.raises(Damaged):
        NAME.open(same_secret, ROW, sealed)


@pytest.mark.parametrize(
    ("service", "subject", "kind"),
    [
        ("referral", OTHER_PERSON, Kind.PERSON),
        ("referral", PERSON, Kind.CASE),
    ],
)
def test_a_wrapped_key_moved_to_somebody_else_does_not_unwrap(service, subject, kind):
    made = keys.keyring("referral").new(PERSON, Kind.PERSON)

    with pytest.raises(Damaged):
        keys.keyring(service).unwrap(subject, kind, made.wrapped)


def test_the_keys_of_another_service_are_of_no_use():
    made = keys.keyring("referral").new(PERSON, Kind.PERSON)

    with pytest.raises(KeysAway) as why:
        keys.keyring("scheduling").unwrap(PERSON, Kind.PERSON, made.wrapped)
    assert why.value.code == "keys_wrong"


def test_the_same_value_is_never_sealed_to_the_same_bytes():
    key = a_key()

    assert len({NAME.seal(key, ROW, "Aisha Khan") for _ in range(100)}) == 100


def test_an_unwrapped_key_is_forgotten_after_five_minutes_and_there_are_never_many():
    clock = [0.0]
    ring = Keyring("referral", CountingWrapper(), now=lambda: clock[0])
    made = ring.new(PERSON, Kind.PERSON)
    for _ in range(3):
        ring.unwrap(PERSON, Kind.PERSON, made.wrapped)
    assert ring.wrapper.unwrapped == 0

    clock[0] += KEPT_SECONDS + 1
    ring.unwrap(PERSON, Kind.PERSON, made.wrapped)
    assert ring.wrapper.unwrapped == 1

    for number in range(MOST_KEPT + 10):
        ring.new(UUID(int=1000 + number), Kind.PERSON)
    assert len(ring._kept) == MOST_KEPT


def test_an_erased_persons_key_is_forgotten_at_once():
    ring = Keyring("referral", CountingWrapper())
    made = ring.new(PERSON, Kind.PERSON)

    ring.forget(PERSON)

    assert not ring._kept
    ring.unwrap(PERSON, Kind.PERSON, made.wrapped)
    assert ring.wrapper.unwrapped == 1


class CountingWrapper:
    """The test's key file, counting how often it was asked."""

    def __init__(self):
        self.real = keys.keyring("referral").wrapper
        self.unwrapped = 0

    def wrap(self, secret, about):
        return self.real.wrap(secret, about)

    def unwrap(self, wrapped, about):
        self.unwrapped += 1
        return self.real.unwrap(wrapped, about)


def test_without_keys_nothing_is_sealed_and_nothing_stored_in_plain_words():
    ring = Keyring("referral", NoWrapper())

    with pytest.raises(KeysAway, match="the keys of this service are missing"):
        ring.new(PERSON, Kind.PERSON)
    for plain in ("Aisha Khan", b"Aisha Khan", bytearray(b"x")):
        with pytest.raises(TypeError, match="sealed before it is stored"):
            SealedBytes().process_bind_param(plain, None)


def test_a_cipher_that_gives_another_answer_keeps_the_service_from_starting(monkeypatch):
    cipher.self_test()

    class Wrong:
        def __init__(self, key):
            pass

        def encrypt(self, nonce, plain, about):
            return os.urandom(24)

    monkeypatch.setattr(cipher, "AESGCMSIV", Wrong)

    with pytest.raises(CannotStart, match="AES-256-GCM-SIV"):
        cipher.self_test()


def test_keys_are_not_in_what_is_logged_of_them():
    ring = keys.keyring("referral")
    shown = f"{ring.wrapper.read()!r} {ring.new(PERSON, Kind.PERSON)!r}"

    for one in ring.wrapper.read().keys:
        assert one.secret.hex() not in shown
        assert repr(one.secret)[2:-1] not in shown
