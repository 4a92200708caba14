"""The address book that the package ships."""

import csv
import itertools
from collections import Counter
from importlib import resources

from jackfield.core.contacts.files.parse import ContactRow, parse_contacts
from jackfield.core.contacts.files.sample import HEADER, SAMPLE_PATH, SAMPLE_ROWS, generate_csv, generate_rows


def test_the_shipped_file_is_what_the_generator_makes() -> None:
    assert SAMPLE_PATH.read_bytes() == b"".join(generate_csv(SAMPLE_ROWS))
    assert resources.files("jackfield").joinpath("data/sample_contacts.csv").is_file()


def test_it_holds_what_real_files_hold() -> None:
    with SAMPLE_PATH.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == HEADER
    assert len(rows) == SAMPLE_ROWS + 1
    assert any("\n" in cell for row in rows for cell in row)
    results = list(parse_contacts(SAMPLE_PATH))
    contacts = [row for row in results if isinstance(row, ContactRow)]
    refused = Counter(row.code for row in results if not isinstance(row, ContactRow))
    assert 0.90 < len(contacts) / len(results) < 0.99
    assert refused.keys() >= {"missing_phone", "invalid_phone", "precision_lost"}
    primary = Counter(contact.phones[0] for contact in contacts)
    assert sum(count - 1 for count in primary.values()) >= 10
    assert len({digits[:2] for digits in primary}) >= 7
    assert {tag for contact in contacts for tag in contact.tags} == {"VIP", "Leads", "Newsletter"}


def test_rows_are_made_as_they_are_asked_for() -> None:
    assert len(list(itertools.islice(generate_rows(10**12), 5))) == 5
