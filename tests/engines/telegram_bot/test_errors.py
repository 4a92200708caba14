"""The table of refusals: each entry can be reached, and each is on the engine's page."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiogram.methods import GetMe

from jackfield.core.egress import LOOPBACK
from jackfield.core.ground.errors import LoginRequired, OutcomeUnknown, Rejected, Throttled, Unavailable
from jackfield.engines.telegram_bot.api import Api
from jackfield.engines.telegram_bot.config import TelegramBotConfig
from jackfield.engines.telegram_bot.errors import REFUSALS, ApiError, Refusal, to_send_error

PAGE = Path(__file__).parents[3] / "docs" / "engines" / "telegram.md"


@pytest.mark.parametrize("entry", REFUSALS, ids=lambda entry: entry.code)
def test_each_refusal_is_found_and_documented(entry: Refusal) -> None:
    error = to_send_error(ApiError(entry.status, f"Bad Request: {entry.phrase.upper()} 1"))
    assert isinstance(error, Rejected)
    assert error.code == entry.code
    assert entry.remedy in error.message
    assert f"| `{entry.code}` | {entry.cause} | {entry.remedy} |" in PAGE.read_text()


@pytest.mark.parametrize(
    ("status", "description", "wanted"),
    [
        (429, "Too Many Requests: retry after 3", Throttled),
        (401, "Unauthorized", LoginRequired),
        (404, "Not Found", LoginRequired),
        (404, "Not Found: method not found", Rejected),
        (400, "Bad Request: something new", Rejected),
        (500, "Internal Server Error: restart", Unavailable),
        (500, "Internal Server Error", OutcomeUnknown),
        (502, "Bad Gateway", Unavailable),
        (504, "Gateway Timeout", OutcomeUnknown),
    ],
)
def test_what_each_status_means(status: int, description: str, wanted: type) -> None:
    assert type(to_send_error(ApiError(status, description, retry_after=3))) is wanted


async def test_a_pool_that_closes_says_surely_not_sent_of_what_had_no_connection() -> None:
    arrived = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.set()
        await reader.read()
        writer.close()

    listening = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    values = {"token": "123456:" + "A" * 35, "baseUrl": f"http://127.0.0.1:{port}"}
    api = Api(TelegramBotConfig.model_validate(values), connections=1, egress_allow=LOOPBACK)
    calls = [asyncio.create_task(api.call(GetMe())) for _ in range(3)]
    await arrived.wait()
    await api.close()
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(one) for one in found] == [OutcomeUnknown, Unavailable, Unavailable]
    listening.close()
