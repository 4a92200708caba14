"""Files on their way out: documents keep the name they were stored under, names fit types, wrong types are refused."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.core.ground.errors import Rejected, SendError
from jackfield.core.port import content as c
from jackfield.engines._whatsapp import fitting_name
from jackfield.engines.simulator.files import StoredFiles

from .conftest import Files, Line, Meta
from .test_graph import call

PDF = b"%PDF-1.4 seven"
STORED = c.Document(url="media:1")


def header(media: Any) -> c.Template:
    return c.Template(name="link_docs", language="en", header=c.HeaderParam(media=media), body=[c.Param(text="x")])


PLACES: dict[str, tuple[c.Content, str]] = {
    "single": (STORED, "document"),
    "template header": (header(STORED), "template"),
    "interactive header": (
        c.Buttons(body="b", header=c.InteractiveHeader(media=STORED), buttons=[c.ReplyButton(id="1", title="One")]),
        "interactive",
    ),
}


def _filename(kind: str, part: dict[str, Any]) -> Any:
    if kind == "template":
        part = part["components"][0]["parameters"][0]["document"]
    elif kind == "interactive":
        part = part["header"]["document"]
    return part.get("filename")


@pytest.mark.parametrize("place", PLACES)
async def test_a_stored_document_goes_out_under_its_stored_name(line: Line, meta: Meta, place: str) -> None:
    content, kind = PLACES[place]
    await line.files.store(PDF, mime="application/pdf", filename="Invoice 7.pdf")
    session = await line.open()
    await session.send(line.message(content))
    (sent,) = await meta.outbox(line.number)
    assert _filename(kind, sent["content"][kind]) == "Invoice 7.pdf"


async def test_a_name_that_the_sender_gave_outweighs_the_stored_one(line: Line, meta: Meta) -> None:
    await line.files.store(PDF, mime="application/pdf", filename="scan0001.pdf")
    session = await line.open()
    await session.send(line.message(c.Document(url="media:1", filename="Invoice 7.pdf")))
    (sent,) = await meta.outbox(line.number)
    assert sent["content"]["document"]["filename"] == "Invoice 7.pdf"


@pytest.mark.parametrize("place", PLACES)
async def test_the_simulators_own_engine_names_stored_documents_too(place: str) -> None:
    content, kind = PLACES[place]
    files = Files()
    await files.store(PDF, mime="application/pdf", filename="Invoice 7.pdf")
    prepared: Any = await StoredFiles(files).prepare(content)
    media = prepared if kind == "document" else prepared.header.media
    assert media.filename == "Invoice 7.pdf"


@pytest.mark.parametrize(
    ("name", "mime", "expected"),
    [
        ("Invoice 7.pdf", "application/pdf", "Invoice 7.pdf"),
        (None, "application/pdf", "file.pdf"),
        ("clip.mp4", "video/quicktime", "clip.mp4.mov"),
        ("picture", "image/jpeg", "picture.jpg"),
        ("photo.jpeg", "image/jpeg", "photo.jpeg"),
        ("voice.bin", "audio/ogg; codecs=opus", "voice.bin.ogg"),
        ("data", "application/octet-stream", "data"),
        ("odd", "x-unheard/of", "odd"),
    ],
)
def test_names_of_uploads_fit_the_type(name: str | None, mime: str, expected: str) -> None:
    assert fitting_name(name, mime) == expected


async def test_an_upload_without_a_name_gets_one_that_fits(line: Line, meta: Meta) -> None:
    session = await line.open()
    media_id = await session.upload(PDF, mime="application/pdf")
    found = meta.world.account(line.number).media.get(media_id)
    assert found is not None
    assert found[2] == "file.pdf"


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (c.Video(url="media:1"), "video/quicktime"),
        (c.Image(url="media:1"), "image/heic"),
        (c.Audio(url="media:1"), "audio/wav"),
    ],
)
async def test_a_type_that_whatsapp_does_not_take_is_refused_with_words(line: Line, content: Any, mime: str) -> None:
    await line.files.store(b"bytes", mime=mime, filename="file")
    session = await line.open()
    with pytest.raises(Rejected) as caught:
        await session.send(line.message(content))
    assert caught.value.code == "MEDIA_TYPE"
    assert f"files of type {mime} are not taken, only" in caught.value.message
    refused = await StoredFiles(line.files).prepare(content)
    assert isinstance(refused, SendError)
    assert refused.code == "MEDIA_TYPE"


@pytest.mark.parametrize("kind", ["video", "audio", "image"])
async def test_the_simulated_graph_api_wants_uploads_of_the_messages_kind(line: Line, meta: Meta, kind: str) -> None:
    media_id = await (await line.open()).upload(PDF, mime="application/pdf", filename="a.pdf")
    sent = {"messaging_product": "whatsapp", "to": "6281234567890", "type": kind, kind: {"id": media_id}}
    status, answer = await call(meta, "POST", f"/v23.0/{line.number}/messages", sent, token="EAAJtoken")
    assert (status, answer["error"]["code"]) == (400, 131053)
