"""The encrypted stream: any change of it is found, and a wrong passphrase is called that."""

from __future__ import annotations

import io

import pytest

from jackfield.core.backups import sealed
from jackfield.core.backups.sealed import CHUNK, BackupError, SealedReader, SealingWriter

PASSPHRASE = "the passphrase of the tests"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "COST", 2**4)


def seal(data: bytes) -> bytes:
    target = io.BytesIO()
    writer = SealingWriter(target, PASSPHRASE)
    for start in range(0, len(data), 100_000):
        writer.write(data[start : start + 100_000])
    writer.finish()
    return target.getvalue()


def unseal(raw: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return SealedReader(io.BytesIO(raw), passphrase).read()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_is_sealed_is_read_again(size: int) -> None:
    data = bytes(index % 251 for index in range(size))
    raw = seal(data)
    assert unseal(raw) == data
    assert data[:64] not in raw or size < 2
    reader = SealedReader(io.BytesIO(raw), PASSPHRASE)
    assert b"".join(iter(lambda: reader.read(70_000), b"")) == data


def test_two_backups_of_the_same_share_nothing() -> None:
    one, two = seal(b"x" * 1000), seal(b"x" * 1000)
    assert one[-500:] != two[-500:]


@pytest.mark.parametrize("where", ["header", "first", "middle", "last"])
def test_a_changed_byte_is_found(where: str) -> None:
    raw = bytearray(seal(b"x" * (2 * CHUNK + 100)))
    start = len(raw) - 100 - 16 - 2 * (CHUNK + 16)
    raw[{"header": start - 3, "first": start + 5, "middle": start + CHUNK + 40, "last": len(raw) - 1}[where]] ^= 1
    with pytest.raises(BackupError):
        unseal(bytes(raw))


def test_chunks_cannot_be_cut_off_left_out_or_moved() -> None:
    raw = seal(b"a" * CHUNK + b"b" * CHUNK + b"c" * 100)
    start = len(raw) - 100 - 16 - 2 * (CHUNK + 16)
    head, one, two, rest = (
        raw[:start],
        raw[start : start + CHUNK + 16],
        raw[start + CHUNK + 16 : start + 2 * (CHUNK + 16)],
        raw[start + 2 * (CHUNK + 16) :],
    )
    assert unseal(head + one + two + rest)[:1] == b"a"
    for wrong in (head + one + two, head + one, head, head + two + one + rest, head + one + rest, raw[:-1]):
        with pytest.raises(BackupError, match="damaged or cut off"):
            unseal(wrong)


def test_a_wrong_passphrase_and_another_file_are_named() -> None:
    with pytest.raises(BackupError, match="passphrase is not that"):
        unseal(seal(b"x"), "another passphrase")
    with pytest.raises(BackupError, match="no backup of Jackfield"):
        unseal(b"SQLite format 3\0 and so on")
    with pytest.raises(BackupError, match="newer Jackfield"):
        unseal(b"jackfield backup 2\n and so on")


def test_a_header_that_would_fill_the_memory_is_refused() -> None:
    raw = seal(b"x").replace(b'"cost":16', b'"cost":4611686018427387904')
    with pytest.raises(BackupError):
        unseal(raw)
