"""An OpenAI-compatible endpoint on loopback that says what a test wants, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = dict[str, Any] | tuple[int, dict[str, Any]] | str


class AiEndpoint:
    """Answers by `reply`: the form that an AI step reads, another text, or a status with an error. `asked` has the bodies of
    the calls, `keys` what came as Authorization."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.reply: Callable[[dict[str, Any]], Reply] = lambda _: says("Hello.", small_talk=True)

    def data(self, call: int = -1) -> dict[str, Any]:
        """What the model was given as data."""
        given: dict[str, Any] = json.loads(self.asked[call]["messages"][1]["content"])
        return given


def says(answer: str, *sources: int, **more: Any) -> dict[str, Any]:
    """What a model says in the form that an AI step reads."""
    form = {"answer": answer, "sources": [*sources], "confident": True, "small_talk": False, "wants_person": False}
    return {**form, **more}


@contextmanager
def ai_endpoint() -> Iterator[AiEndpoint]:
    """The endpoint, in a thread of this process."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            endpoint.asked.append(body)
            endpoint.keys.append(self.headers["Authorization"])
            reply: Reply = endpoint.reply(body)
            status, answer = reply if isinstance(reply, tuple) else (200, _completion(reply))
            if self.path != "/v1/chat/completions":
                status, answer = 404, {"error": {"message": "no such address"}}
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    endpoint = AiEndpoint(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _completion(reply: dict[str, Any] | str) -> dict[str, Any]:
    content = reply if isinstance(reply, str) else json.dumps(reply)
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }
