"""Downloads: a file is fetched once, tried again after what may pass, and told as a problem when it cannot be had."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jackfield.core import Rejected, SendError, Unavailable
from jackfield.core.port.content import Image
from jackfield.worker.channel.downloads import PAUSES_S, fetch_media

from .conftest import virtual, virtual_loop

CHANNEL: Any = SimpleNamespace(id=5, workspace_id=1)
PICTURE = Image(media_id="m1", filename="cat.png")


class Core:
    """Keeps what would be stored."""

    def __init__(self, *, lacks: bool = True) -> None:
        self.stored: list[tuple[bytes, str]] = []
        self.attached: list[str] = []
        self.problems: list[str] = []
        self.asked = lacks
        self.incoming_files = self.media = self.intake = self

    async def lacks(self, channel_id: int, provider_id: str) -> bool:
        return self.asked

    async def store(self, workspace_id: int, data: bytes, *, mime: str, **fields: Any) -> str:
        assert fields == {"filename": "cat.png", "channel_id": 5, "provider_media_id": "m1"}
        self.stored.append((data, mime))
        return "file"

    async def failed(self, channel: Any, provider_id: str, media_id: str, why: str) -> None:
        self.problems.append(why)

    async def attach_media(self, channel_id: int, provider_id: str, file: str) -> None:
        self.attached.append(provider_id)


class Line:
    """Answers with what is left of `failures`, then with the file."""

    def __init__(self, *failures: SendError) -> None:
        self.failures = list(failures)
        self.times: list[float] = []

    async def download(self, media_id: str) -> tuple[bytes, str]:
        self.times.append(virtual_loop().time())
        if self.failures:
            raise self.failures.pop(0)
        return b"cat", "image/png"


async def fetch(core: Core, line: Any, content: Image = PICTURE) -> None:
    await fetch_media(core, CHANNEL, line, "w1", content)  # type: ignore[arg-type]


@virtual
async def test_a_file_is_attached_to_its_message() -> None:
    core = Core()
    await fetch(core, Line())
    assert (core.stored, core.attached, core.problems) == ([(b"cat", "image/png")], ["w1"], [])


@virtual
async def test_what_may_pass_is_tried_again_with_growing_pauses() -> None:
    core, line = Core(), Line(*(Unavailable("connection", "No answer.") for _ in PAUSES_S[1:]))
    begun = virtual_loop().time()
    await fetch(core, line)
    assert [at - begun for at in line.times] == pytest.approx([0, 1, 6, 36])
    assert core.attached == ["w1"]


@virtual
async def test_what_cannot_be_had_is_told_with_its_reason() -> None:
    core, line = Core(), Line(Rejected("131052", "The file has expired."))
    await fetch(core, line)
    assert (len(line.times), core.stored, core.problems) == (1, [], ["131052: The file has expired."])
    core, line = Core(), Line(*(Unavailable("connection", "No answer.") for _ in PAUSES_S))
    await fetch(core, line)
    assert (len(line.times), core.problems) == (len(PAUSES_S), ["connection: No answer."])
    core = Core()
    await fetch(core, None)
    assert core.problems == ["MEDIA_FETCH: The profile was not connected when the message came."]


@virtual
async def test_nothing_is_fetched_twice_or_in_vain() -> None:
    line = Line()
    await fetch(Core(lacks=False), line)
    await fetch(Core(), line, Image(url="https://example.com/cat.png"))
    await fetch(Core(), object())
    assert line.times == []
