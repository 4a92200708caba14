"""Contact files over the API: a preview, then the import that it promised."""

from __future__ import annotations

from jackfield.testing.server import JackfieldServer

from .conftest import multipart
from .test_refusals import refused

FILE = "Имя,Телефон,Страна\nАнна,9161234567,Россия\nBo,015135905159,49\nПётр,,\n".encode("cp1251")


def test_a_preview_writes_nothing_and_promises_what_the_import_does(native: JackfieldServer) -> None:
    body, headers = multipart(file=("people.csv", FILE), encoding="windows-1251")
    told = native.api("POST", "/contacts/import/preview", body=body, headers=headers).data
    assert native.api("GET", "/contacts?search=79161234567").data == []
    assert (told["encoding"], told["rows"], told["contacts"], told["refusedTotal"]) == ("cp1251", 3, 2, 1)
    assert told["countries"] == {"RU": 1, "DE": 1}
    assert [column["field"] for column in told["columns"]] == ["name", "phone", "country"]
    assert told["refused"][0]["code"] == "missing_phone"
    done = native.api("POST", "/contacts/import", body=body, headers=headers).data
    assert (done["created"] + done["merged"], done["refusedTotal"], done["rows"]) == (2, 1, 3)
    assert done["titles"] == ["Имя", "Телефон", "Страна"]
    assert done["refused"][0]["cells"][0] == "Пётр"


def test_what_cannot_be_read_is_refused_by_both_alike(native: JackfieldServer) -> None:
    for path in ("/contacts/import", "/contacts/import/preview"):
        for data, more, code in (
            (FILE, {"encoding": "no such"}, "unknown_encoding"),
            (FILE, {"sheet": "2"}, "unknown_sheet"),
            (b"[{", {}, "broken_json"),
            ("さくら,+4915135905159\n".encode("cp932"), {}, "unsure_encoding"),
        ):
            body, headers = multipart(file=("a.csv", data), **more)
            refused(native.api("POST", path, body=body, headers=headers), 400, code)
