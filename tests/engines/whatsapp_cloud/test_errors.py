"""Every refusal as what it means for the message: certain or not, and who must act."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from jackfield.core.egress import LOOPBACK
from jackfield.core.ground.errors import LoginRequired, OutcomeUnknown, Rejected, SendError, Throttled, Unavailable
from jackfield.core.port import AccountNotice, ChannelInfo, Status
from jackfield.core.port import content as c
from jackfield.engines.whatsapp_cloud.config import WhatsAppCloudConfig
from jackfield.engines.whatsapp_cloud.errors import send_error
from jackfield.engines.whatsapp_cloud.session import WhatsAppCloudSession
from jackfield.engines.whatsapp_cloud.transport import Transport
from jackfield.testing.server import free_port

from .conftest import ENGINE, Hearing, Line, Meta


def graph(code: int, details: str | None = None, **fields: Any) -> bytes:
    error = {"message": f"(#{code}) Some title", "type": "OAuthException", "code": code, "fbtrace_id": "A", **fields}
    if details:
        error["error_data"] = {"messaging_product": "whatsapp", "details": details}
    return msgspec.json.encode({"error": error})


CLASSES: dict[type[SendError], dict[int, str]] = {
    Throttled: {429: "130429 80007 4 131056"},
    Unavailable: {500: "1 2 131000 131016 131057", 400: "135000", 503: "131016"},
    LoginRequired: {401: "0 190", 403: "3 10 200 299 368 131031 131005", 400: "133010 131042 131048 131045 33"},
    Rejected: {
        400: "100 131008 131009 131026 131047 131049 130472 131050 131021 131030 131051 131052 131053 131062 131063 "
        "132000 132005 132007 132008 132012 132015 132016 132068 132069 137000",
        404: "132001",
        403: "130497",
    },
}
TABLE = [
    (status, code, expected)
    for expected, rows in CLASSES.items()
    for status, codes in rows.items()
    for code in codes.split()
]


@pytest.mark.parametrize(("status", "code", "expected"), TABLE, ids=[f"{row[1]}-{row[0]}" for row in TABLE])
def test_meta_codes(status: int, code: str, expected: type[SendError]) -> None:
    error = send_error(status, graph(int(code), "The details."), {})
    assert type(error) is expected
    assert error.code == code
    assert error.certain
    assert "The details." in error.message
    assert "(#" not in error.message


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, 999999, Rejected),
        (401, 999999, LoginRequired),
        (403, 999999, LoginRequired),
        (429, 999999, Throttled),
        (500, 999999, Unavailable),
    ],
)
def test_codes_that_nobody_knows_go_by_their_status(status: int, code: int, expected: type[SendError]) -> None:
    assert type(send_error(status, graph(code), {})) is expected


@pytest.mark.parametrize(
    ("status", "expected", "code"),
    [
        (400, Rejected, "http:400"),
        (401, LoginRequired, "http:401"),
        (407, LoginRequired, "http:407"),
        (404, Rejected, "http:404"),
        (413, Rejected, "http:413"),
        (429, Throttled, "http:429"),
        (500, OutcomeUnknown, "outcome_unknown"),
        (502, OutcomeUnknown, "outcome_unknown"),
        (503, Unavailable, "http:503"),
        (504, OutcomeUnknown, "outcome_unknown"),
        (302, Rejected, "http:302"),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"[]", b'{"error":"no"}', b'{"error":{}}', b"\xff"])
def test_answers_without_graphs_mark(status: int, expected: type[SendError], code: str, body: bytes) -> None:
    error = send_error(status, body, {})
    assert type(error) is expected
    assert error.code == code


def test_waits() -> None:
    pair = [send_error(400, graph(131056), {}, attempt) for attempt in (1, 2, 3, 9)]
    assert [(e.retry_after, e.scope) for e in pair if isinstance(e, Throttled)] == [
        (4.0, "recipient"),
        (16.0, "recipient"),
        (64.0, "recipient"),
        (600.0, "recipient"),
    ]
    named = send_error(429, graph(130429), {"retry-after": "7"})
    assert isinstance(named, Throttled)
    assert (named.retry_after, named.scope) == (7.0, "channel")
    usage = {"x-business-use-case-usage": '{"1":[{"estimated_time_to_regain_access":5,"type":"messages"}]}'}
    told = send_error(400, graph(80007), usage)
    assert isinstance(told, Throttled)
    assert told.retry_after == 300.0
    for broken in ("", "nonsense", "[]", '{"1":[null]}', '{"1":[{"estimated_time_to_regain_access":"x"}]}'):
        unsaid = send_error(400, graph(4), {"x-business-use-case-usage": broken})
        assert isinstance(unsaid, Throttled)
        assert unsaid.retry_after == 60.0


def test_subcodes() -> None:
    gone = graph(100, error_subcode=33, message="Unsupported post request. Object with ID '123' does not exist")
    assert send_error(400, gone, {}, number="123").code == "33"
    assert isinstance(send_error(400, gone, {}, number="123"), LoginRequired)
    assert send_error(400, gone, {}, number="456").code == "100"
    taken = send_error(400, graph(100, error_subcode=2388024, error_user_msg="There is one already."), {})
    assert (taken.code, type(taken)) == ("2388024", Rejected)
    assert "There is one already." in taken.message


# -- the transport, against servers that misbehave -----------------------------------------------------


@asynccontextmanager
async def server(answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]) -> AsyncIterator[Transport]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    transport = Transport(config(f"http://127.0.0.1:{port}"), egress_allow=LOOPBACK)
    try:
        yield transport
    finally:
        await transport.close()
        listening.close()


def config(base_url: str) -> WhatsAppCloudConfig:
    return WhatsAppCloudConfig.model_validate({"baseUrl": base_url, "phoneNumberId": "123", "accessToken": "EAAJ"})


async def request_of(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    await reader.readexactly(length)


async def fails(transport: Transport, expected: type[SendError]) -> SendError:
    with pytest.raises(SendError) as caught:
        await transport.post(f"{transport._config.number_url}/messages", {"a": 1})
    assert type(caught.value) is expected, caught.value
    return caught.value


async def test_nobody_listens() -> None:
    transport = Transport(config(f"http://127.0.0.1:{free_port()}"), egress_allow=LOOPBACK)
    error = await fails(transport, Unavailable)
    assert error.code == "connection"
    await transport.close()


async def test_a_pool_that_closes_says_surely_not_sent_of_what_had_no_connection() -> None:
    arrived = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        arrived.set()
        await reader.read()

    listening = await asyncio.start_server(hang, "127.0.0.1", 0)
    transport = Transport(
        config(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"), pool=1, egress_allow=LOOPBACK
    )
    url = f"{transport._config.number_url}/messages"
    sends = [asyncio.create_task(transport.post(url, {"a": n})) for n in range(3)]
    await arrived.wait()
    await transport.close()
    found = await asyncio.gather(*sends, return_exceptions=True)
    assert [type(one) for one in found] == [OutcomeUnknown, Unavailable, Unavailable]
    listening.close()


async def test_a_cancelled_send_is_cancelled() -> None:
    arrived = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        arrived.set()
        await reader.read()

    async with server(hang) as transport:
        send = asyncio.create_task(transport.post(f"{transport._config.number_url}/messages", {"a": 1}))
        await arrived.wait()
        send.cancel()
        with pytest.raises(asyncio.CancelledError):
            await send


async def test_the_name_does_not_resolve() -> None:
    transport = Transport(config("http://nowhere.invalid"), egress_allow=LOOPBACK)
    error = await fails(transport, Unavailable)
    assert error.code in ("dns", "connection")
    await transport.close()


async def test_no_tls_there() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with server(answer) as transport:
        plain = transport._config.base_url
        secure = Transport(config(plain.replace("http://", "https://")), egress_allow=LOOPBACK)
        error = await fails(secure, Unavailable)
        assert error.certain
        await secure.close()


async def test_cut_after_the_request() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)

    async with server(answer) as transport:
        error = await fails(transport, OutcomeUnknown)
        assert not error.certain


async def test_cut_within_the_answer() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await writer.drain()

    async with server(answer) as transport:
        await fails(transport, OutcomeUnknown)


async def test_no_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jackfield.engines.whatsapp_cloud.transport._ANSWER_S", 0.05)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        await reader.read()

    async with server(answer) as transport:
        error = await fails(transport, OutcomeUnknown)
        assert error.code == "timeout"


async def test_a_login_page_for_an_answer() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>Log in</h")
        await writer.drain()

    async with server(answer) as transport:
        error = await fails(transport, OutcomeUnknown)
        assert error.code == "bad_answer"


async def test_redirects_are_not_followed() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with server(answer) as transport:
        await fails(transport, Rejected)


async def test_a_lost_reading_is_certain() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with server(answer) as transport:
        with pytest.raises(Unavailable):
            await transport.get(transport._config.number_url)


async def test_the_token_does_not_follow_a_media_link_elsewhere() -> None:
    heads: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 1\r\n\r\nx")
        await writer.drain()

    async with server(answer) as stranger:
        transport = Transport(config("http://127.0.0.1:9"), egress_allow=LOOPBACK)
        assert await transport.download(stranger._config.base_url + "/a") == (b"x", "image/png")
        await transport.close()
        assert b"EAAJ" not in heads[0]
        await stranger.download(stranger._config.base_url + "/a")
        assert b"EAAJ" in heads[1]


# -- the channel's state, against the simulated Meta ----------------------------------------------------


async def opening(line: Line, **changes: Any) -> WhatsAppCloudSession:
    async def save(_: bytes) -> None:
        return None

    changed = line.config.model_copy(update=changes)
    return await ENGINE.open(
        ChannelInfo(id=1, name="x", config=changed, save_state=save, egress_allow=LOOPBACK), Hearing()
    )


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ({"accessToken": "another"}, "190", "access token"),
        ({"tokenState": "expired"}, "190", "expired"),
        ({"tokenState": "revoked"}, "190", "invalidated"),
        ({"status": "BANNED"}, "131031", "banned"),
        ({"status": "UNVERIFIED"}, "133006", "verified"),
    ],
)
async def test_what_only_a_person_can_mend_is_said_on_opening(
    line: Line, meta: Meta, settings: dict[str, Any], code: str, words: str
) -> None:
    await meta.control(line.number, **settings)
    with pytest.raises(LoginRequired) as refused:
        await opening(line)
    assert refused.value.code == code
    assert words in refused.value.message


async def test_a_wrong_phone_number_id(line: Line) -> None:
    with pytest.raises(LoginRequired) as refused:
        await opening(line, phone_number_id="999999")
    assert refused.value.code == "33"


async def test_a_network_out_of_reach_on_opening(line: Line) -> None:
    with pytest.raises(Unavailable):
        await opening(line, base_url=f"http://127.0.0.1:{free_port()}")


async def test_a_reset_app_secret_is_told_on_opening(line: Line, meta: Meta) -> None:
    await meta.control(line.number, appSecret="reset")
    await line.open()
    (notice,) = [n for n in line.heard.of(AccountNotice) if n.kind == "app_secret"]
    assert "app secret" in notice.message
    # And the webhooks that are signed with the new secret are refused.
    meta.world.account(line.number).receive(c.Text(text="x"), "6281234567890")
    await line.heard.until(lambda: 401 in line.receiver.statuses)
    await meta.control(line.number, appSecret="app-secret")


@pytest.mark.parametrize(
    ("settings", "expected", "code"),
    [
        ({"registered": False}, LoginRequired, "133010"),
        ({"tokenState": "expired"}, LoginRequired, "190"),
        ({"status": "RESTRICTED"}, LoginRequired, "131031"),
        ({"allowedRecipients": ["1"]}, Rejected, "131030"),
    ],
)
async def test_what_stops_a_channel_while_it_sends(
    line: Line, meta: Meta, settings: dict[str, Any], expected: type[SendError], code: str
) -> None:
    session = await line.open()
    await meta.control(line.number, **settings)
    with pytest.raises(expected) as refused:
        await session.send(line.message("x"))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("fault", "expected", "code"),
    [
        ({"code": 130429}, Throttled, "130429"),
        ({"code": 131056}, Throttled, "131056"),
        ({"code": 131000}, Unavailable, "131000"),
        ({"code": 500}, Unavailable, "131000"),
        ({"code": 132015}, Rejected, "132015"),
        ({"code": 131026, "kind": "reject"}, Rejected, "131026"),
        ({"offline": True}, Unavailable, "http:503"),
        ({"refuse": 1}, Unavailable, "http:503"),
        ({"drop": 1}, OutcomeUnknown, "outcome_unknown"),
    ],
    ids=str,
)
async def test_faults_of_the_network(
    line: Line, meta: Meta, fault: dict[str, Any], expected: type[SendError], code: str
) -> None:
    session = await line.open()
    await meta.world_control(line.number, "faults", **fault)
    with pytest.raises(SendError) as refused:
        await session.send(line.message("x"))
    assert type(refused.value) is expected, refused.value
    assert refused.value.code == code
    taken = await meta.outbox(line.number)
    assert len(taken) == (0 if refused.value.certain else 1)


async def test_a_lost_answer_is_settled_by_the_echo_of_our_reference(line: Line, meta: Meta) -> None:
    session = await line.open()
    await meta.world_control(line.number, "faults", drop=1)
    with pytest.raises(OutcomeUnknown):
        await session.send(line.message("x"))
    await line.heard.until(lambda: any(s.state == "read" for s in line.heard.of(Status)))
    assert {status.ref for status in line.heard.of(Status)} == {"ref-1"}


async def test_limits_of_the_number(line: Line, meta: Meta) -> None:
    session = await line.open()
    await meta.control(line.number, throughput=5, pairRate=True, enforceWindow=True)
    results = await asyncio.gather(
        *(session.send(line.message("x", to=f"62812345678{n:02d}")) for n in range(12)), return_exceptions=True
    )
    throttled = [result for result in results if isinstance(result, Throttled)]
    assert 5 <= len(throttled) <= 7
    assert {error.code for error in throttled} == {"130429"}
    # The 24-hour window is closed: what was taken fails later, with the code that says so.
    await line.heard.until(lambda: sum(s.state == "failed" for s in line.heard.of(Status)) == 12 - len(throttled))
    failed = [status for status in line.heard.of(Status) if status.state == "failed"]
    assert {status.code for status in failed} == {"131047"}
    await meta.control(line.number, throughput=0)
    results = await asyncio.gather(*(session.send(line.message("x")) for _ in range(50)), return_exceptions=True)
    pairs = [result for result in results if isinstance(result, Throttled)]
    assert len(pairs) == 5
    assert {(error.code, error.scope) for error in pairs} == {("131056", "recipient")}


async def test_stopped_marketing(line: Line, meta: Meta) -> None:
    session = await line.open()
    await meta.control(line.number, optedOut=["6281234567890"])
    marketing = c.Template(name="alpha_city", language="en")
    with pytest.raises(Rejected) as refused:
        await session.send(line.message(marketing))
    assert refused.value.code == "131050"
    await session.send(line.message("service messages still go"))
