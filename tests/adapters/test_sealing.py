"""What is sealed is opened by its own key only, and no error repeats it."""

import base64
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import aduan
from aduan.adapters.sealing import CannotOpen, OfficeKey

FUNCTIONS = Path(aduan.__file__).parents[1]
OFFICE = OfficeKey(bytes(range(32)))
STRANGER = OfficeKey(bytes(32))
WRAPPED = OFFICE.new_data_key()
SEAL = OFFICE.seal_for(WRAPPED)
PERSONAL = "NIK 3402014505900001"


@given(st.text())
def test_every_text_comes_back_as_it_was(plain: str) -> None:
    assert SEAL.open(SEAL.seal(plain)) == plain


def test_equal_texts_are_sealed_unequally_and_in_url_safe_text() -> None:
    sealed = {SEAL.seal(PERSONAL) for _ in range(50)}
    assert len(sealed) == 50
    assert all(text.startswith("s1.") and text[3:].replace("-", "").replace("_", "").isalnum() for text in sealed)


def test_a_key_is_wrapped_anew_each_time_and_names_the_office_key() -> None:
    keys = [OFFICE.new_data_key() for _ in range(50)]
    assert len(set(keys)) == 50
    assert len({key.split(".")[1] for key in keys}) == 1
    assert STRANGER.new_data_key().split(".")[1] != keys[0].split(".")[1]


def _changed(text: str, at: int) -> str:
    other = "A" if text[at] != "A" else "B"
    return text[:at] + other + text[at + 1 :]


SEALED = SEAL.seal(PERSONAL)


@pytest.mark.parametrize(
    "opening",
    [
        lambda: OFFICE.seal_for(OFFICE.new_data_key()).open(SEALED),
        lambda: SEAL.open(_changed(SEALED, 5)),
        lambda: SEAL.open(_changed(SEALED, len(SEALED) // 2)),
        lambda: SEAL.open(_changed(SEALED, 0)),
        lambda: SEAL.open(SEALED[:-4]),
        lambda: SEAL.open(SEALED + "AAAA"),
        lambda: SEAL.open(SEALED + "!"),
        lambda: SEAL.open(PERSONAL),
        lambda: SEAL.open("s1."),
        lambda: SEAL.open("s1.é"),
        lambda: SEAL.open(""),
        lambda: SEAL.open("s1." + WRAPPED.split(".")[2]),
        lambda: STRANGER.seal_for(WRAPPED),
        lambda: OFFICE.seal_for(_changed(WRAPPED, 4)),
        lambda: OFFICE.seal_for(_changed(WRAPPED, 20)),
        lambda: OFFICE.seal_for(SEALED),
        lambda: OFFICE.seal_for(""),
    ],
)
def test_another_key_or_a_change_is_one_error_that_names_no_content(opening: Callable[[], object]) -> None:
    with pytest.raises(CannotOpen) as error:
        opening()
    assert PERSONAL not in str(error.value)
    assert SEALED not in str(error.value)
    assert WRAPPED not in str(error.value)


@given(st.binary())
def test_every_file_comes_back_as_it_was(content: bytes) -> None:
    assert SEAL.open_file(SEAL.seal_file(content)) == content


def test_a_sealed_file_shows_nothing_of_itself_and_equal_ones_differ() -> None:
    picture = PERSONAL.encode() * 100
    sealed = SEAL.seal_file(picture)
    assert PERSONAL.encode() not in sealed
    assert sealed != SEAL.seal_file(picture)
    assert len(sealed) == len(picture) + len("f1.") + 12 + 16


@pytest.mark.parametrize(
    "sealed",
    [
        b"",
        b"f1.",
        b"f1.short",
        PERSONAL.encode(),
        SEALED.encode(),
        SEAL.seal_file(b"x")[:-1],
        SEAL.seal_file(b"x") + b"x",
        OFFICE.seal_for(OFFICE.new_data_key()).seal_file(b"x"),
        b"f1." + base64.urlsafe_b64decode(SEALED[3:] + "=="),
    ],
)
def test_a_file_of_another_key_or_changed_or_what_is_no_file_cannot_be_opened(sealed: bytes) -> None:
    with pytest.raises(CannotOpen):
        SEAL.open_file(sealed)


def test_that_error_is_no_value_error_so_that_no_model_hides_it() -> None:
    assert not issubclass(CannotOpen, ValueError | AssertionError)


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_an_office_key_of_another_length_is_refused_without_being_repeated(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes") as error:
        OfficeKey(b"q" * length)
    assert "qq" not in str(error.value)


def test_a_lookup_hash_is_the_same_for_the_same_value_and_for_nothing_else() -> None:
    assert OFFICE.lookup_hash("nik", "1") == OfficeKey(bytes(range(32))).lookup_hash("nik", "1")
    values = [("nik", "1"), ("nik", "2"), ("phone", "1"), ("ni", "k\x001"), ("nik1", "")]
    hashes = {office.lookup_hash(*value) for office in (OFFICE, STRANGER) for value in values}
    assert len(hashes) == 2 * len(values)
    assert all(len(one) == 64 for one in hashes)


# A ring of several keys


OLD, NEW = bytes(range(32)), bytes(range(100, 132))
RING = OfficeKey(NEW, OLD)


def test_of_a_ring_the_first_key_writes_and_all_read() -> None:
    by_old, by_new, by_ring = OFFICE.new_data_key(), OfficeKey(NEW).new_data_key(), RING.new_data_key()
    for wrapped, writer in ((by_old, OFFICE), (by_new, OfficeKey(NEW)), (by_ring, OfficeKey(NEW))):
        assert RING.seal_for(wrapped).open(writer.seal_for(wrapped).seal(PERSONAL)) == PERSONAL
    with pytest.raises(CannotOpen):
        OFFICE.seal_for(by_ring)


def test_a_data_key_that_is_wrapped_anew_is_the_same_one_and_the_old_key_is_not_needed() -> None:
    anew = RING.rewrapped(WRAPPED)
    assert OfficeKey(NEW).seal_for(anew).open(SEALED) == PERSONAL
    assert RING.rewrapped(WRAPPED) == anew == RING.rewrapped(anew)
    assert OFFICE.rewrapped(WRAPPED) == WRAPPED
    with pytest.raises(CannotOpen):
        OfficeKey(NEW).rewrapped(WRAPPED)


def test_a_ring_hashes_under_each_key_the_newest_first() -> None:
    assert RING.lookup_hashes("nik", "1") == (
        OfficeKey(NEW).lookup_hash("nik", "1"),
        OFFICE.lookup_hash("nik", "1"),
    )
    assert RING.lookup_hash("nik", "1") == OfficeKey(NEW).lookup_hash("nik", "1")
    assert RING.names == OfficeKey(NEW).names + OFFICE.names


def test_a_ring_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="no key"):
        OfficeKey()


def test_where_a_file_is_kept_follows_from_the_data_key_alone() -> None:
    name = SEAL.file_name("message")
    assert RING.seal_for(RING.rewrapped(WRAPPED)).file_name("message") == name
    others = {SEAL.file_name("another"), OFFICE.seal_for(OFFICE.new_data_key()).file_name("message")}
    assert name not in others
    assert len(name) == 64


def test_sixteen_threads_share_one_office_key() -> None:
    office, keys = OfficeKey(bytes(range(32))), [OFFICE.new_data_key() for _ in range(8)]

    def there_and_back(number: int) -> bool:
        seal = office.seal_for(keys[number % len(keys)])
        return seal.open(seal.seal(str(number))) == str(number)

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(there_and_back, range(2_000)))


def test_neither_cryptography_nor_google_is_imported_before_it_is_used() -> None:
    program = (
        "import sys;"
        "from aduan.adapters.sealing import OfficeKey;"
        "from aduan.adapters.firestore_connection import FirestoreConnection;"
        "from aduan.adapters.firestore_store import FirestoreStore;"
        "from aduan.adapters.firestore_staff import FirestoreStaffList;"
        "connection = FirestoreConnection('p');"
        "FirestoreStore(connection, OfficeKey(bytes(32))), FirestoreStaffList(connection);"
        "print([name for name in ('cryptography', 'google.api_core', 'grpc') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(FUNCTIONS)},
    )
    assert done.stdout == "[]\n"
