"""The bus of a cluster: listeners of this process are called directly, those of other processes are told by NATS.

What travels is a hint, never the truth: topics, ids and states, no contents of messages. The connection is made and kept
up in the background. While it is down everything goes on by polling; when it is back, everybody looks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog

from .bus import EVENTS_ELSEWHERE, SETTLED_ELSEWHERE, BusState, Listener, LocalBus, SettledElsewhere, Wake

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg

log = structlog.get_logger(__name__)

WAKE_UPS: Final = frozenset({"channels", "scheduled", "deliveries", "members", "keys", "workspaces"})
"""Topics that cross to other processes without their payload."""
BY_NUMBER: Final = frozenset({"channel-status", "answers"})
"""Topics that cross with a number as their payload."""
BY_CHANNEL: Final = ("channel:", "queue:", "requests:")
"""Beginnings of topics that concern the owner of one channel alone."""
CHANGES: Final = ("changed", "deleted", "status")
"""The payloads that topics of one channel may carry."""
CONNECTED: Final = "bus-connected"
"""Told in this process each time that the connection is there (again)."""
ALL_AGAIN: Final = "*"
"""The topic by which a process that was cut off tells the others to look at everything again."""
MOST_SETTLED: Final = 2000
"""Settled messages in one message of the bus; NATS takes 1 MB."""
RECONNECT_S: Final = 0.5
PING_S: Final = 5
"""A connection that nobody closed is given up after about three of these."""
CLOSE_S: Final = 2.0


class _Told(msgspec.Struct, array_like=True):
    """One message of the bus."""

    topics: list[tuple[str, int | str | None]]
    settled: list[SettledElsewhere] = []


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Told).decode


def new_client() -> Client:
    """A client that sends no credentials in clear text where the address says tls."""
    # Imported here: who has no cluster does not pay for it.
    from nats import errors
    from nats.aio.client import Client

    class TlsMeansTls(Client):
        """nats-py takes the server's word on whether there is TLS, also for an address that begins with tls."""

        def _connect_command(self) -> bytes:
            server = self._current_server
            if server is not None and server.uri.scheme == "tls" and not self._server_info.get("tls_required"):
                raise errors.Error("the server offers no TLS")
            return super()._connect_command()

    return TlsMeansTls()


class NatsBus:
    """See Bus. `urls` are NATS servers, comma-separated, and may hold credentials: they are shown nowhere. `prefix` begins
    every subject, so that several installations may share a server; `name` is what the server calls the connection.
    Raises ValueError where no server is named."""

    def __init__(self, urls: str, *, prefix: str = "jackfield", name: str = "") -> None:
        self.state = BusState(connected=False)
        self.prefix = prefix
        self._urls = [one.strip() for one in urls.split(",") if one.strip()]
        if not self._urls:
            raise ValueError("no NATS server is named")
        self._name = name
        self._local = LocalBus()
        self._topics: dict[tuple[str, int | str | None], None] = {}
        self._settled: list[SettledElsewhere] = []
        self._wake = Wake()
        self._client: Client | None = None
        self._warned = False
        self._tasks: list[asyncio.Task[None]] = []

    def __repr__(self) -> str:
        """Without the addresses, which may hold credentials."""
        return f"NatsBus(connected={self.state.connected})"

    # -- the connection ------------------------------------------------------------------------------

    async def start(self) -> None:
        """See Bus: the connection is made in the background."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._connect(), name="bus-connect"),
                asyncio.create_task(self._write(), name="bus-write"),
            ]

    async def close(self) -> None:
        """See Bus."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        client, self._client = self._client, None
        self.state.connected = False
        if client is None:
            return
        try:
            async with asyncio.timeout(CLOSE_S):
                if client.is_connected:
                    await self._flush(client)
                    await client.flush()
                await client.close()
        except Exception as error:
            log.debug("the connection to NATS was not closed in order", error=type(error).__name__)

    @property
    def client(self) -> Client | None:
        """The client while it is connected."""
        return self._client if self._client is not None and self._client.is_connected else None

    async def _connect(self) -> None:
        """Keep a connection. The client mends it by itself; where it gives up (its credentials were refused later on), it
        is made anew."""
        while True:
            closed = asyncio.Event()
            try:
                client = await self._open(closed)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                # Such as an address that cannot be read; its text may hold credentials.
                log.error("NATS cannot be used; work is found by polling", error=type(error).__name__)
                return
            self._client = client
            await self._up()
            await closed.wait()
            self._client = None
            await self._down()
            await asyncio.sleep(RECONNECT_S)

    async def _open(self, closed: asyncio.Event) -> Client:
        """A client that is connected and hears the bus; `closed` is set when it has given up."""
        client = new_client()

        async def on_closed() -> None:
            closed.set()

        try:
            await client.connect(
                self._urls,
                name=self._name or None,
                no_echo=True,
                connect_timeout=2,
                max_reconnect_attempts=-1,
                reconnect_time_wait=RECONNECT_S,  # type: ignore[arg-type]
                ping_interval=PING_S,
                error_cb=self._failed,
                disconnected_cb=self._down,
                reconnected_cb=self._up,
                closed_cb=on_closed,
            )
            await client.subscribe(f"{self.prefix}.bus", cb=self._receive)
            # The server knows the subscription once it has answered; nothing is missed from here on.
            await client.flush()
        except BaseException:
            await client.close()
            raise
        return client

    async def _failed(self, error: Exception) -> None:
        # Not its text: that may name the address with its credentials.
        if self._warned:
            log.debug("NATS", error=type(error).__name__)
        else:
            self._warned = True
            log.warning("NATS cannot be reached; work is found by polling", error=type(error).__name__)

    async def _down(self) -> None:
        if self.state.connected:
            log.warning("the connection to NATS is lost; work is found by polling")
            self._warned = True
        self.state.connected = False

    async def _up(self) -> None:
        client = self._client
        if client is None:
            # The first connection was made, and lost and made again, before it was ours.
            return
        self.state.connected = True
        self._warned = False
        self.state.connects += 1
        log.info("connected to NATS", again=self.state.connects > 1)
        self._local.publish(CONNECTED)
        # We may have missed something, and so may the others of ours.
        self._topics[ALL_AGAIN, None] = None
        self._wake.set()
        self._look_again()

    # -- publishing ----------------------------------------------------------------------------------

    def publish(self, topic: str, payload: Any = None) -> None:
        """See Bus."""
        self._local.publish(topic, payload)
        if topic in WAKE_UPS:
            self._topics[topic, None] = None
        elif topic == "owed":
            # Elsewhere it means a look: whose turn it is there, only the database knows here.
            self._topics["deliveries", None] = None
        elif topic == "events":
            self._topics[EVENTS_ELSEWHERE, None] = None
        elif topic == "settled":
            self._settled += msgspec.convert(payload, list[SettledElsewhere], from_attributes=True)
        elif topic in BY_NUMBER:
            self._topics[topic, payload] = None
        elif topic.startswith(BY_CHANNEL):
            if self._local.has_listeners(topic):
                # The owner is here.
                return
            self._topics[topic, payload] = None
        else:
            return
        self._wake.set()

    def subscribe(self, topic: str, listener: Listener) -> Callable[[], None]:
        """See Bus."""
        return self._local.subscribe(topic, listener)

    def has_listeners(self, topic: str) -> bool:
        """See Bus."""
        return self._local.has_listeners(topic)

    async def _write(self) -> None:
        while True:
            await self._wake.wait()
            client = self._client
            if client is None or not client.is_connected:
                self.state.dropped += bool(self._topics) + bool(self._settled)
                self._topics.clear()
                self._settled.clear()
                continue
            try:
                await self._flush(client)
            except Exception as error:
                self.state.dropped += 1
                log.debug("not published", error=type(error).__name__)

    async def _flush(self, client: Client) -> None:
        topics, self._topics = list(self._topics), {}
        settled, self._settled = self._settled, []
        for start in range(0, max(len(settled), 1), MOST_SETTLED):
            told = _Told(topics, settled[start : start + MOST_SETTLED])
            await client.publish(f"{self.prefix}.bus", _encode(told))
            self.state.published += 1
            topics = []

    # -- hearing -------------------------------------------------------------------------------------

    async def _receive(self, message: Msg) -> None:
        self.state.received += 1
        try:
            told = _decode(message.data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            log.warning("a message on the bus could not be read; is the subject somebody else's?")
            return
        for topic, payload in told.topics:
            self._hear(topic, payload)
        if told.settled:
            self._local.publish(SETTLED_ELSEWHERE, told.settled)

    def _hear(self, topic: str, payload: int | str | None) -> None:
        """Tell the listeners of this process. What we do not know is of a newer version, and is found by polling."""
        if topic == ALL_AGAIN:
            self._look_again()
        elif topic in WAKE_UPS or topic == EVENTS_ELSEWHERE:
            self._local.publish(topic)
        elif topic in BY_NUMBER:
            self._local.publish(topic, payload if isinstance(payload, int) else None)
        elif topic.startswith(BY_CHANNEL):
            self._local.publish(topic, payload if payload in CHANGES else None)

    def _look_again(self) -> None:
        """Have all who listen look at the database, as if everything had been told."""
        for topic in self._local.topics():
            if topic.startswith(BY_CHANNEL):
                self._local.publish(topic, "changed")
            elif topic in WAKE_UPS or topic in BY_NUMBER or topic == EVENTS_ELSEWHERE:
                self._local.publish(topic)


class NatsServerFacts(msgspec.Struct, frozen=True):
    """What a NATS server says of itself. `jetstream`: whether it can keep a stream."""

    version: str
    jetstream: bool


async def ask_nats(urls: str, seconds: float) -> NatsServerFacts:
    """Connect once, for a look. Raises TimeoutError after so many seconds, OSError or an error of the client's: their texts
    may hold the address, so show their class only."""
    client = new_client()
    failures: list[Exception] = []

    async def failed(error: Exception) -> None:
        failures.append(error)

    try:
        async with asyncio.timeout(seconds):
            await client.connect(
                [one.strip() for one in urls.split(",")],
                allow_reconnect=False,
                max_reconnect_attempts=1,
                error_cb=failed,
            )
            return NatsServerFacts(
                version=str(client._server_info.get("version")), jetstream=bool(client._server_info.get("jetstream"))
            )
    except Exception as error:
        raise (failures[-1] if failures else error) from None
    finally:
        await client.close()
