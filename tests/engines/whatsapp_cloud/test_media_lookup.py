"""The look-up of a file that came in: once more without the number, where Meta will not have it named."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.core.ground.errors import Rejected, SendError, Unavailable
from jackfield.engines.whatsapp_cloud.config import WhatsAppCloudConfig
from jackfield.engines.whatsapp_cloud.media import Media

CONFIG = WhatsAppCloudConfig.model_validate({"phoneNumberId": "106540352242922", "accessToken": "EAAJ"})
NODE = {"url": "https://lookaside.example/1", "mime_type": "image/jpeg"}
NOT_THE_NUMBER = Rejected("100", "(#100) Param phone_number_id must be a valid phone number ID")


class Asked:
    """Meta's side: answers in order, and what was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.queries: list[dict[str, str]] = []

    async def get(self, url: str, **query: str) -> Any:
        self.queries.append(query)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def download(self, url: str) -> tuple[bytes, str]:
        return b"picture", "image/jpeg"


async def test_a_look_up_that_is_refused_for_the_number_is_tried_once_without_it() -> None:
    meta = Asked(NOT_THE_NUMBER, NODE)
    assert await Media(CONFIG, meta, None).download("111") == (b"picture", "image/jpeg")  # type: ignore[arg-type]
    assert meta.queries == [{"phone_number_id": "106540352242922"}, {}]


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ([NOT_THE_NUMBER, Rejected("131052", "gone")], 2),
        ([Rejected("100", "(#100) Unsupported get request")], 1),
        ([Rejected("131052", "phone_number_id is not the matter")], 1),
        ([Unavailable("503", "down")], 1),
    ],
    ids=["refused without it too", "another fault of the query", "another code", "out of reach"],
)
async def test_every_other_failure_is_told_as_it_is(answers: list[SendError], asked: int) -> None:
    meta = Asked(*answers)
    with pytest.raises(type(answers[-1]), match=answers[-1].message.replace("(", r"\(").replace(")", r"\)")):
        await Media(CONFIG, meta, None).download("111")  # type: ignore[arg-type]
    assert len(meta.queries) == asked
