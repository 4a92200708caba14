"""A receiver of webhooks that misbehaves on demand and never forgets what came."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Arrival:
    """One request that was answered with 2xx: the event's id in the database, its type and data."""

    __slots__ = ("data", "event", "type")

    def __init__(self, event: int, type_: str, data: dict[str, Any]) -> None:
        self.event, self.type, self.data = event, type_, data


class Receiver(ThreadingHTTPServer):
    """`mood`: "well", "slow" (half a second late), "garbage" (500 with noise), "rude" (200 that is no HTTP at all)."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mood = "well"
        self.arrivals: list[Arrival] = []
        self.refused: set[int] = set()
        """Events that were refused at least once: those behind them may pass after their first retry."""
        self.lock = threading.Lock()
        self.port = self.server_address[1]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Receiver)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        # `webhook-id` is evt_<event>_<endpoint>, the same for every attempt.
        event = int(self.headers["webhook-id"].split("_")[1])
        mood = server.mood
        if mood == "slow":
            time.sleep(0.5)  # the fault itself
        if mood in ("well", "slow"):
            with server.lock:
                server.arrivals.append(Arrival(event, body["event"], body["data"]))
            self.send_response(204)
            self.end_headers()
            return
        with server.lock:
            server.refused.add(event)
        if mood == "rude":
            self.wfile.write(b"\x00\xff\x17 this is no answer \r\n")
            self.close_connection = True
            return
        noise = b"<html>\xff\xfe\x00 oops" * 50
        self.send_response(500)
        self.send_header("Content-Length", str(len(noise)))
        self.end_headers()
        self.wfile.write(noise)

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            # The server was killed in the middle of a request.
            self.close_connection = True


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver for the length of the block."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.shutdown()
        receiver.server_close()
        thread.join()
