"""The line to a stand-alone network, over HTTP."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import aiohttp
import msgspec

from jackfield.core.egress import NOTHING, AllowList, GuardedConnector, blocked
from jackfield.core.ground.errors import OutcomeUnknown, Rejected, SendError, Unavailable

from . import operations, wire
from .gate import Refusal, Taken
from .line import Down, Listener, Up
from .outbox import Parcel

_POLL_S = 20.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0


class RemoteLine:
    """Sends go one request per batch; happenings come by long polling, acknowledged by the next poll.

    A refused connection is `Unavailable`. A connection that breaks after the request left is `OutcomeUnknown` for a
    send; other operations change nothing that may not be asked twice and are `Unavailable`.
    """

    def __init__(self, url: str, key: str, *, phone: str = "", egress_allow: AllowList = NOTHING) -> None:
        self._base = f"{url.rstrip('/')}/world/{quote(key, safe='')}"
        self._query = {"phone": phone} if phone else {}
        self._session = aiohttp.ClientSession(
            connector=GuardedConnector(egress_allow, limit=0, keepalive_timeout=60),
            timeout=aiohttp.ClientTimeout(total=60, sock_connect=5),
        )
        self._poller: asyncio.Task[None] | None = None
        self._to_ack: dict[str, str] | None = None
        """What the next poll acknowledges."""

    async def take(self, parcels: Sequence[Parcel]) -> list[Taken | Refusal]:
        body = wire.encode(
            [
                wire.WireParcel(
                    ref=p.ref,
                    to=p.to,
                    kind=p.kind,
                    payload=msgspec.Raw(p.payload),
                    message_id=p.message_id,
                    category=p.category,
                    template=p.template,
                )
                for p in parcels
            ]
        )
        status, answer = await self._post("take", body)
        if status == 200:
            return wire.answers_decoder.decode(answer)
        raise self._error(status, answer)

    async def ask(self, verb: str, body: dict[str, Any]) -> Any:
        try:
            status, answer = await self._post(f"do/{verb}", wire.encode(body))
        except OutcomeUnknown as error:
            raise Unavailable(error.code, error.message) from error
        if status == 200:
            return msgspec.json.decode(answer)
        raise self._error(status, answer)

    async def _post(self, path: str, body: bytes) -> tuple[int, bytes]:
        try:
            async with self._session.post(f"{self._base}/{path}", data=body, params=self._query) as response:
                return response.status, await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise self._unreachable(error) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise OutcomeUnknown("cut", "The connection to the simulator broke before it answered.") from error

    def _unreachable(self, error: Exception) -> Unavailable:
        if (refusal := blocked(error)) is not None:
            return Unavailable("blocked", f"The simulator's address may not be called: {refusal}.")
        return Unavailable("unreachable", f"The simulator at {self._base} cannot be reached.")

    @staticmethod
    def _error(status: int, answer: bytes) -> SendError:
        try:
            return operations.error_of(wire.refusal_decoder.decode(answer))
        except msgspec.DecodeError:
            if status >= 500:
                return Unavailable(str(status), f"The simulator answered {status}.")
            return Rejected(str(status), f"The simulator answered {status}.")

    async def listen(self, listener: Listener, down: Down, up: Up) -> None:
        """Raises Unavailable when the network cannot be reached now; later breaks are mended."""
        name = uuid.uuid4().hex
        try:
            run = await self._claim(name)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._unreachable(error) from error
        self._poller = asyncio.create_task(self._poll(name, run, listener, down, up), name="simulator poll")

    async def _events(self, params: dict[str, str]) -> tuple[int, bytes]:
        async with self._session.get(f"{self._base}/events", params={**params, **self._query}) as response:
            body = await response.read()
            if response.status not in (200, 409):
                raise aiohttp.ClientError(f"status {response.status}")
            return response.status, body

    async def _claim(self, name: str) -> int:
        """Become the listener; gives the run of the network."""
        _, body = await self._events({"session": name, "claim": "1"})
        return wire.claim_decoder.decode(body).run

    async def _poll(self, name: str, run: int, listener: Listener, down: Down, up: Up) -> None:
        upto: int | None = None
        pause, is_down = _FIRST_PAUSE_S, False
        while True:
            try:
                params = {"session": name, "wait": str(0 if is_down else _POLL_S)}
                if upto is not None:
                    params["after"] = str(upto)
                status, body = await self._events(params)
                self._to_ack = None
                if status == 409:
                    if wire.claim_decoder.decode(body).run == run:
                        return  # another session listens now
                    run, upto = await self._claim(name), None  # the network was started anew and does not know us
                    continue
                reports, shown_to = wire.decode_events(body)
                if is_down:
                    await up()
                    is_down = False
                if reports:
                    await listener(reports)
                if reports:
                    self._to_ack = {"session": name, "after": str(shown_to)}
                upto = shown_to
                pause = _FIRST_PAUSE_S
            except (aiohttp.ClientError, TimeoutError, OSError):
                if not is_down:
                    is_down = True
                    await _quietly(down("The simulator cannot be reached."))
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))
                pause = min(pause * 2, _LONGEST_PAUSE_S)
            except asyncio.CancelledError:
                raise
            except Exception:
                # The listener failed: the batch was not acknowledged and comes again.
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)

    async def close(self) -> None:
        if self._poller is not None:
            self._poller.cancel()
            await asyncio.gather(self._poller, return_exceptions=True)
        if self._to_ack is not None:
            # What was heard last must not be told again to the next session, a log-out above all.
            try:
                async with asyncio.timeout(2):
                    await self._events({**self._to_ack, "wait": "0", "limit": "0"})
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass
        await self._session.close()


async def _quietly(telling: Any) -> None:
    """A report of being down must not end the polling, whatever the listener makes of it."""
    try:
        await telling
    except Exception:
        return
