"""What a file costs is bounded by its size, and what is quick reads the same as what is slow."""

from __future__ import annotations

import io
import json
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jackfield.core.contacts.files import UnreadableFile, parse_contacts
from jackfield.core.contacts.files.cells import clean_line

SIZE = 100_000
_random = Random(20261128)


def filled(line: Callable[[], str], head: str = "", tail: str = "") -> bytes:
    """A file of 100 kB made of such lines."""
    lines, size = [head], len(head) + len(tail)
    while size < SIZE - 200:
        lines.append(line())
        size += len(lines[-1])
    return "".join((*lines, tail)).encode()


def local() -> str:
    """A number without a country, which is tried at home and abroad."""
    return f"{_random.randrange(10**6, 10**7)}"


def workbook() -> bytes:
    """An XLSX file of 100 kB of numbers that hardly pack."""
    cells = "".join(f'<row><c t="inlineStr"><is><t>{local()}</t></is></c></row>' for _ in range(14_000))
    sheet = f'<worksheet><row><c t="inlineStr"><is><t>Phone</t></is></c></row>{cells}</worksheet>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/workbook.xml", '<workbook xmlns:r="r"><sheets><sheet name="S" r:id="a"/></sheets></workbook>'
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="a" Type="x/worksheet" Target="worksheets/s.xml"/></Relationships>',
        )
        archive.writestr("xl/worksheets/s.xml", sheet)
    return out.getvalue()


FILES = {
    "csv": lambda: filled(lambda: f"{local()}\n", "Phone\n"),
    "csv of one character": lambda: filled(lambda: "1\n", "Phone\n"),
    "csv of wide cells": lambda: filled(lambda: " / ".join(f"0{local()}9" for _ in range(20)) + "\n", "Phone\n"),
    "csv of many columns": lambda: filled(lambda: f"c{_random.random()},", "Phone,", f"\n{local()}\n"),
    "vcard": lambda: filled(lambda: f"BEGIN:VCARD\nTEL:{local()}\nEND:VCARD\n"),
    "json": lambda: json.dumps([{"phone": local()} for _ in range(4700)]).encode(),
    "json lines": lambda: filled(lambda: f'{{"phone":"{local()}"}}\n'),
    "html": lambda: filled(lambda: f"<tr><td>{local()}", "<table><tr><td>Phone"),
    "xlsx": workbook,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", FILES)
def test_a_file_of_100_kb_costs_little(kind: str) -> None:
    """At most 1 s (0.3 to 1.2 on a busy machine; here ten times that) and 50 MB; `test_a_small_workbook_costs_little_...`
    does the same for what unpacks to gigabytes."""
    data = FILES[kind]()

    def read() -> None:
        try:
            for _ in parse_contacts(io.BytesIO(data), default_country="DE"):
                pass
        except UnreadableFile:
            pass  # refused is as good as read, when it is cheap

    began = time.process_time()
    read()
    spent = (time.process_time() - began) * SIZE / max(len(data), SIZE)
    assert spent < 10
    tracemalloc.start()
    read()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50 << 20


@given(st.text(st.one_of(st.characters(), st.sampled_from(" \t\n-a\u00a0")), max_size=40), st.integers(1, 30))
@example("a  b ", 3)
@example(" ab", 2)
def test_a_plain_cell_is_cleaned_as_any_other(cell: str, limit: int) -> None:
    """Cells of ASCII without double blanks take a short way; a character that changes nothing sends them the long one."""
    assert clean_line(cell, limit) == clean_line(cell + "\u200b", limit)
