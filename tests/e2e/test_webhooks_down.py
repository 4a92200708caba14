"""A receiver that is down gets everything once it is back; a dead one delays nobody."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from jackfield.testing.server import JackfieldServer, free_port, running_server, until

DOWN_S = 8.0
MESSAGES = 120
ORDER = {"message.sent": 1, "message.delivered": 2, "message.read": 3}


class Receiver:
    """An endpoint of somebody's. `got` holds what came: (webhook-id, event, data), in order of arrival."""

    def __init__(self, port: int) -> None:
        got: list[tuple[str, str, dict[str, Any]]] = []
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with lock:
                    got.append((self.headers["webhook-id"], body["event"], body["data"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.got = got
        self.began = time.monotonic()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def close(self) -> None:
        """Go down."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def events(self) -> set[str]:
        """Events of messages that came; `webhook-id` is `evt_<event>_<endpoint>`, the same for every attempt."""
        return {id_.rpartition("_")[0] for id_, event, _ in self.got if event.startswith("message.")}


@contextmanager
def receiving(port: int) -> Iterator[Receiver]:
    """A receiver for the length of the block."""
    receiver = Receiver(port)
    try:
        yield receiver
    finally:
        receiver.close()


@contextmanager
def black_hole() -> Iterator[int]:
    """A port that takes connections and never says a word: the worst kind of dead."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(512)
        yield int(listener.getsockname()[1])


def subscribe(server: JackfieldServer, port: int) -> str:
    """Subscribe a receiver to all events."""
    body = {"url": f"http://127.0.0.1:{port}/hook", "events": ["*"]}
    return str(server.api("POST", "/webhooks", json=body).data["id"])


def pending(server: JackfieldServer, endpoint: str) -> int:
    """Whether deliveries of an endpoint are still owed."""
    return len(server.api("GET", f"/webhooks/{endpoint}/deliveries?status=pending&limit=1").data)


def test_every_event_arrives_after_an_outage_and_a_dead_endpoint_delays_nobody(tmp_path: Path) -> None:
    back_port, live_port = free_port(), free_port()
    with running_server(tmp_path / "server") as server, black_hole() as dead_port, receiving(live_port) as live:
        down = subscribe(server, back_port)
        dead = subscribe(server, dead_port)
        alive = subscribe(server, live_port)
        began = time.monotonic()
        ids = set()
        for i in range(MESSAGES):
            sent = server.api("POST", "/messages/text", json={"to": f"62813{i:07d}", "text": f"Number {i}"})
            ids.add(sent.data["id"])
        for i in range(10):
            server.request("POST", "/simulator/1/inbound", json={"from": f"62814{i:07d}", "text": f"Question {i}"})
        happened = time.monotonic()
        until(lambda: _complete(live, ids), what="the living endpoint has everything")
        # Far less than the time-outs of the dead one; by the time that the events themselves took on a slow machine.
        patience = DOWN_S + 4 + (happened - began)
        assert time.monotonic() - happened < patience, "neither the one that is down nor the dead one delays the living"

        time.sleep(max(0.0, began + DOWN_S - time.monotonic()))
        with receiving(back_port) as back:
            until(lambda: _complete(back, ids), 120, "everything that was owed has come")
            until(lambda: not pending(server, down) and not pending(server, alive), what="all is recorded")
            assert back.events() == live.events(), "both heard of the same events, none is missing"
            for receiver in (back, live):
                _check(receiver, ids)
            log = server.api("GET", f"/webhooks/{down}").data
            assert log["enabled"]
            assert log["failingSince"] is None
        assert pending(server, dead), "what is owed to the dead one is kept for it"
        assert server.api("GET", f"/webhooks/{dead}").data["enabled"], "minutes of failure switch nothing off"


def _complete(receiver: Receiver, ids: set[str]) -> bool:
    read = {data["id"] for _, event, data in list(receiver.got) if event == "message.read"}
    came = sum(event == "message.received" for _, event, _ in list(receiver.got))
    return read >= ids and came >= 10


def _check(receiver: Receiver, ids: set[str]) -> None:
    """Nothing twice, and the events of one message in the order in which they happened."""
    assert max(Counter(id_ for id_, _, _ in receiver.got).values()) == 1
    stages: dict[str, list[int]] = defaultdict(list)
    for _, event, data in receiver.got:
        if event in ORDER:
            stages[data["id"]].append(ORDER[event])
    assert stages.keys() == ids
    assert all(order == [1, 2, 3] for order in stages.values()), Counter(map(tuple, stages.values()))
