"""accept: durable POST /api/messages/text per second, against a trivial FastAPI endpoint with the same body."""

from __future__ import annotations

import sys
import time
import urllib.request

from jackfield.testing.server import JackfieldServer, free_port, until

from ._kit import Figure, folder, median, post, process, rate

BODY = {"profileId": "1", "to": "628123456789", "text": "Hello, this is a message of an ordinary length."}
TOTAL = 12_000

TRIVIAL = """
import sys, uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

class Body(BaseModel):
    profileId: str
    to: str
    text: str

app = FastAPI()

@app.post("/messages/text")
async def send(body: Body):
    return {"success": True, "data": {"messageId": "1", "status": "queued"}}

uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
"""


def trivial(total: int = TOTAL) -> float:
    """Answers per second of the trivial endpoint."""
    port = free_port()
    with folder() as place:
        script = place / "trivial.py"
        script.write_text(TRIVIAL)
        with process(str(script), str(port)):
            until(lambda: _up(port), 20)
            return median(lambda: rate(port, post("/messages/text", BODY, {}), total))


def _up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/docs", timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


def measure() -> list[Figure]:
    """The figure, and the limit beside it."""
    limit = trivial()
    with folder() as place:
        server = JackfieldServer(place, {"JACKFIELD_ROLES": "api"})
        server.start()
        try:
            request = post("/api/messages/text", BODY, {"X-API-Key": server.key})
            value = median(lambda: rate(server.port, request, TOTAL))
        finally:
            server.stop()
    ratio = value / limit
    return [
        Figure(
            "accept",
            value,
            "messages/s",
            limit,
            "trivial FastAPI/s",
            ratio,
            ">= 0.5",
            ratio >= 0.5,
            "durable in SQLite (synchronous=FULL) before each answer",
        )
    ]


if __name__ == "__main__":
    begun = time.time()
    for figure in measure():
        print(figure.row())
    print(f"{time.time() - begun:.0f} s", file=sys.stderr)
