"""Contact files in and out: tables of any make into contacts, and back; no database.

`parse_contacts` reads, `write_csv` and `table` write; the other modules are their parts.
"""

from jackfield.core.contacts.files.errors import UnreadableFile
from jackfield.core.contacts.files.parse import ContactRow, RefusedRow, parse_contacts
from jackfield.core.contacts.files.reader import read_table
from jackfield.core.contacts.files.tables import MEDIA_TYPES, TableFormat, table, whole_table
from jackfield.core.contacts.files.writing import phone_cell, refused_csv, write_csv
from jackfield.core.contacts.people.phones import Phone, Refusal, known_country, normalise, rescue

__all__ = [
    "MEDIA_TYPES", "ContactRow", "Phone", "Refusal", "RefusedRow", "TableFormat", "UnreadableFile", "known_country",
    "normalise", "parse_contacts", "phone_cell", "read_table", "refused_csv", "rescue", "table", "whole_table", "write_csv",
]  # fmt: skip
