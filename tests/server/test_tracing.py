"""Traces: one message is one trace from its request to its webhooks, through the database; and nothing without a collector."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from sqlalchemy import select

from jackfield.app import Server
from jackfield.core import Core
from jackfield.core.models import Message
from jackfield.server.startup_error import StartupError
from jackfield.server.tracing import make_tracing
from jackfield.settings import Settings
from jackfield.testing.server import until

KEY = "test-key-0123456789"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"


class Loopback:
    """An HTTP server on loopback that keeps what is posted to it: path, headers in lower case, body."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 200
        kept = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                kept.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(kept.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def events(self) -> list[str]:
        """Types of the webhooks that came."""
        return [json.loads(body)["type"] for _, _, body in list(self.got)]

    def spans(self) -> list[Span]:
        """The spans that were exported."""
        found = []
        for path, _, body in self.got:
            assert path == "/v1/traces"
            request = ExportTraceServiceRequest.FromString(body)
            found += [span for one in request.resource_spans for scope in one.scope_spans for span in scope.spans]
        return found

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def loopbacks() -> Iterator[tuple[Loopback, Loopback]]:
    """A collector of traces, and a receiver of webhooks."""
    both = Loopback(), Loopback()
    yield both
    for one in both:
        one.close()


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER"):
        monkeypatch.delenv(name, raising=False)


def settings_at(tmp_path: Path, database_url: str) -> Settings:
    return Settings(
        data_dir=tmp_path, database_url=database_url, simulator=True, api_key=KEY, egress_allow="127.0.0.0/8",
        poll_seconds=0.1,
    )  # type: ignore[arg-type]  # fmt: skip


async def extras(core: Core) -> list[dict[str, Any] | None]:
    async with core.db.read() as session:
        return list((await session.execute(select(Message.extra).where(Message.direction == "out"))).scalars())


async def send(server: Server, receiver: Loopback, headers: dict[str, str]) -> str:
    """Send a text with an endpoint that hears of it, and wait until it was read; gives its id."""
    transport = httpx.ASGITransport(app=server.app)
    given = {"X-API-Key": KEY}
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test", headers=given) as client:
        hook = {"url": f"{receiver.url}/hook", "events": ["message.sent", "message.delivered", "message.read"]}
        assert (await client.post("/api/webhooks", json=hook)).status_code == 201
        until_up = asyncio.get_running_loop().time() + 60
        while not (await client.get("/api/profiles/1/status")).json()["data"]["connected"]:
            assert asyncio.get_running_loop().time() < until_up
            await asyncio.sleep(0.02)
        body = {"profileId": "1", "to": "628123456789", "text": "Your code is 4711"}
        answer = await client.post("/api/messages/text", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        await asyncio.to_thread(until, lambda: len(receiver.got) >= 3, 60, "three webhooks")
        return str(answer.json()["data"]["id"])


def facts_of(span: Span) -> dict[str, Any]:
    return {one.key: getattr(one.value, str(one.value.WhichOneof("value"))) for one in span.attributes}


async def test_a_message_is_one_trace_from_its_request_to_its_webhooks(
    migrated_url: str, tmp_path: Path, loopbacks: tuple[Loopback, Loopback], monkeypatch: pytest.MonkeyPatch
) -> None:
    collector, receiver = loopbacks
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    async with Server(settings_at(tmp_path, migrated_url)) as server:
        traceparent = f"00-{TRACE}-{CALLER}-01"
        id_ = await send(server, receiver, {"traceparent": traceparent, "X-Request-Id": "job-7"})
        assert [extra["trace"][3:35] for extra in await extras(server.core) if extra] == [TRACE]
    spans = {span.name: span for span in collector.spans() if span.trace_id.hex() == TRACE}
    assert set(spans) == {
        "POST /api/messages/text", "send simulator", "status delivered", "status read",
        "webhook message.sent", "webhook message.delivered", "webhook message.read",
    }  # fmt: skip
    request = spans.pop("POST /api/messages/text")
    assert request.parent_span_id.hex() == CALLER
    assert request.kind == Span.SPAN_KIND_SERVER
    assert facts_of(request) == {
        "http.request.method": "POST", "http.route": "/api/messages/text", "http.response.status_code": 200,
        "jackfield.request.id": "job-7", "jackfield.workspace.id": 1,
    }  # fmt: skip
    assert {span.parent_span_id for span in spans.values()} == {request.span_id}
    sent = spans["send simulator"]
    assert sent.kind == Span.SPAN_KIND_CLIENT
    assert sent.end_time_unix_nano >= sent.start_time_unix_nano > request.start_time_unix_nano
    assert facts_of(sent).items() >= {"jackfield.message.id": int(id_), "jackfield.outcome": "sent"}.items()
    hooks = {headers["traceparent"] for _, headers, _ in receiver.got}
    assert hooks == {f"00-{TRACE}-{span.span_id.hex()}-01" for name, span in spans.items() if "webhook" in name}
    whole = b"".join(body for _, _, body in collector.got)
    assert b"628123456789" not in whole
    assert b"4711" not in whole


async def test_a_trace_that_the_caller_does_not_record_is_not_kept(
    migrated_sqlite: str, tmp_path: Path, loopbacks: tuple[Loopback, Loopback], monkeypatch: pytest.MonkeyPatch
) -> None:
    collector, receiver = loopbacks
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{collector.url}/v1/traces")
    async with Server(settings_at(tmp_path, migrated_sqlite)) as server:
        await send(server, receiver, {"traceparent": f"00-{TRACE}-{CALLER}-00"})
        assert await extras(server.core) == [None]
    names = {span.name for span in collector.spans()}
    assert "POST /api/webhooks" in names, "what nobody named a trace for has one of its own"
    assert not [name for name in names if "messages/text" in name or name.startswith(("send", "webhook", "status"))]
    assert not [headers for _, headers, _ in receiver.got if "traceparent" in headers]


async def test_without_a_collector_nothing_is_kept_or_told(
    migrated_sqlite: str, tmp_path: Path, loopbacks: tuple[Loopback, Loopback]
) -> None:
    collector, receiver = loopbacks
    async with Server(settings_at(tmp_path, migrated_sqlite)) as server:
        assert server.tracing is None
        assert server.core.store.tracer is None
        await send(server, receiver, {"traceparent": f"00-{TRACE}-{CALLER}-01"})
        assert await extras(server.core) == [None]
    assert collector.got == []
    assert not [headers for _, headers, _ in receiver.got if "traceparent" in headers]


async def test_a_collector_that_is_away_holds_nothing_up(
    migrated_sqlite: str, tmp_path: Path, loopbacks: tuple[Loopback, Loopback], monkeypatch: pytest.MonkeyPatch
) -> None:
    collector, receiver = loopbacks
    collector.status = 400  # the exporter does not try that again
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    async with Server(settings_at(tmp_path, migrated_sqlite)) as server:
        await send(server, receiver, {})
    assert collector.got


@pytest.mark.parametrize(
    ("environ", "made"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "x"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " "}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
    ],
)
async def test_when_traces_are_made(environ: dict[str, str], made: bool) -> None:
    tracing = make_tracing(environ, "node")
    assert (tracing is not None) == made
    if tracing is not None:
        await tracing.close()


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER"),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "http/protobuf"),
    ],
)
def test_what_cannot_be_done_is_refused_at_the_start(environ: dict[str, str], said: str) -> None:
    with pytest.raises(StartupError, match=said):
        make_tracing(environ, "node")


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(StartupError, match=r"pip install 'jackfield\[otel\]'"):
        make_tracing({"OTEL_TRACES_EXPORTER": "otlp"}, "node")
