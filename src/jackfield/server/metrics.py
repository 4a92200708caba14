"""What a server tells Prometheus: what this process counted (`Meters`), and what waits in the database (`Backlog`)."""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec
import structlog
from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from jackfield.core import BacklogView, Core, Count, Meters, Settled, Stored, Times, Waiting

log = structlog.get_logger(__name__)

PREFIX: Final = "jackfield_"
MOST_SERIES: Final = 100
"""Channels and endpoints with a series of their own about what waits: the ones that are latest."""
TICK_S: Final = 0.5
"""How often the event loop's lag is looked at."""
LAG_TICKS: Final = 60
"""The largest lag is that of so many looks: half a minute, more than one scrape."""

Samples = list[tuple[tuple[str, ...], float]]
Read = Callable[[BacklogView], Samples]


class LoopLag:
    """How late the event loop comes back: what waits for it waits so long as well."""

    def __init__(self, meters: Meters) -> None:
        self._meter = meters.loop_lag
        self._newest: deque[float] = deque([0.0], maxlen=LAG_TICKS)
        self._timer: asyncio.TimerHandle | None = None

    @property
    def most(self) -> float:
        """The largest of the last half minute, in seconds."""
        return max(self._newest)

    def start(self) -> None:
        """Begin to look."""
        loop = asyncio.get_running_loop()
        at = loop.time() + TICK_S
        self._timer = loop.call_at(at, self._tick, loop, at)

    def stop(self) -> None:
        """No longer look."""
        if self._timer is not None:
            self._timer.cancel()

    def _tick(self, loop: asyncio.AbstractEventLoop, asked: float) -> None:
        late = max(0.0, loop.time() - asked)
        self._newest.append(late)
        self._meter.observe((), late)
        self.start()


class Gauge(msgspec.Struct, frozen=True):
    """A number of the process: what it is called, what it means, and its samples."""

    name: str
    help: str
    labels: tuple[str, ...]
    read: Callable[[], Samples]


class Depth(msgspec.Struct, frozen=True):
    """A number of the database, read from what a look saw."""

    name: str
    help: str
    labels: tuple[str, ...]
    read: Read


def _latest(waiting: dict[int, Waiting]) -> list[tuple[str, Waiting]]:
    """The ones that are latest, by id as a label."""
    some = [item for item in waiting.items() if item[1].items]
    some.sort(key=lambda item: (-item[1].oldest, -item[1].items))
    return [(str(id_), one) for id_, one in some[:MOST_SERIES]]


DEPTHS: Final = (
    Depth(
        "queue_messages",
        "Messages that wait to be sent, by lane: single messages and those of running campaigns. Counted up to 2,000 for each"
        " channel, lane and campaign.",
        ("lane",),
        lambda seen: [((name,), one.items) for name, one in seen.lanes.items()],
    ),
    Depth(
        "queue_oldest_seconds",
        "For how long the oldest message of a lane has been due.",
        ("lane",),
        lambda seen: [((name,), one.oldest) for name, one in seen.lanes.items()],
    ),
    Depth(
        "channel_queue_messages",
        "Messages that wait to be sent, by channel (its id): the 100 channels that are latest.",
        ("channel",),
        lambda seen: [((id_,), one.items) for id_, one in _latest(seen.channels)],
    ),
    Depth(
        "channel_queue_oldest_seconds",
        "For how long the oldest message of a channel (its id) has been due: the 100 channels that are latest.",
        ("channel",),
        lambda seen: [((id_,), one.oldest) for id_, one in _latest(seen.channels)],
    ),
    Depth(
        "webhook_queue_deliveries",
        "Deliveries that are owed to an endpoint (its id), counted up to 2,000: the 100 endpoints that are latest.",
        ("endpoint",),
        lambda seen: [((id_,), one.items) for id_, one in _latest(seen.endpoints)],
    ),
    Depth(
        "webhook_queue_oldest_seconds",
        "For how long the oldest delivery to an endpoint (its id) has been due: the 100 endpoints that are latest.",
        ("endpoint",),
        lambda seen: [((id_,), one.oldest) for id_, one in _latest(seen.endpoints)],
    ),
    Depth(
        "backlog_items",
        "What waits in every other queue, counted up to 2,000: scheduled (messages whose time has come), sending, uncertain,"
        " automations (steps whose time has come), requests (of a channel's session), webhooks (deliveries to all endpoints"
        " that are switched on), search (ids of messages not yet looked at) and stream (events not yet copied).",
        ("queue",),
        lambda seen: [((name,), one.items) for name, one in seen.others.items()],
    ),
    Depth(
        "backlog_oldest_seconds",
        "For how long the oldest of such a queue has been due; search and stream have no times.",
        ("queue",),
        lambda seen: [((name,), one.oldest) for name, one in seen.others.items() if name not in ("search", "stream")],
    ),
    Depth(
        "channels",
        "Channels that are wanted up, or were logged out, banned or failed, by engine and status.",
        ("engine", "status"),
        lambda seen: [(labels, number) for labels, number in seen.states.items()],
    ),
    Depth(
        "webhook_endpoints_failing",
        "Endpoints that are switched on and only fail.",
        (),
        lambda seen: [((), seen.failing)],
    ),
    Depth(
        "webhook_endpoints_disabled",
        "Endpoints that were switched off because they only failed.",
        (),
        lambda seen: [((), seen.disabled)],
    ),
    Depth(
        "backlog_look_seconds",
        "How long the last look at all queues took; it is made at most every 10 s.",
        (),
        lambda seen: [((), seen.seconds)],
    ),
)
"""What is the same at whichever process is asked: take the maximum over the processes, not the sum."""


def process_gauges(core: Core, lag: LoopLag) -> list[Gauge]:
    """The numbers of this process."""
    bus, writer, events = core.bus, core.writer, core.event_log

    def one(name: str, help: str, read: Callable[[], float]) -> Gauge:
        return Gauge(name, help, (), lambda: [((), read())])

    def connections() -> Samples:
        return [
            sample
            for pool in core.db.pools()
            for sample in (((pool.name, "in_use"), float(pool.in_use)), ((pool.name, "idle"), float(pool.idle)))
        ]

    return [
        one("channels_connected", "Live sessions that this process owns.", lambda: len(core.channels.live)),
        one("writer_items", "Items written by the group commit.", lambda: writer.items),
        one("writer_batches", "Transactions of the group commit.", lambda: writer.batches),
        one("writer_seconds", "Time that the group commit has spent in transactions.", lambda: writer.seconds),
        one("writer_waiting_items", "Items that wait for the group commit.", lambda: writer.waiting),
        Gauge(
            "db_connections", "Connections to the database, by pool and whether in use.", ("pool", "state"), connections
        ),
        Gauge(
            "db_connections_max",
            "Connections that a pool makes at most.",
            ("pool",),
            lambda: [((pool.name,), float(pool.most)) for pool in core.db.pools()],
        ),
        one(
            "archive_left",
            "Messages that the last pass of this process should have archived and did not, counted up to 2000.",
            lambda: core.archive.left.messages,
        ),
        one("event_loop_lag_max_seconds", "The largest lag of the event loop in the last 30 s.", lambda: lag.most),
        one(
            "bus_connected", "1 while NATS is connected; 0 also without NATS.", lambda: float(bool(bus.state.connected))
        ),
        one("bus_published", "Messages told to other processes by NATS.", lambda: bus.state.published),
        one("bus_received", "Messages of other processes heard by NATS.", lambda: bus.state.received),
        one(
            "bus_dropped",
            "Messages that other processes were not told because NATS was not connected.",
            lambda: bus.state.dropped,
        ),
        one("bus_connects", "Connections made to NATS.", lambda: bus.state.connects),
        one("relay_active", "1 in the process that copies events to the stream.", lambda: float(events.copies)),
        one("relayed_events", "Events that this process copied to the stream.", lambda: events.copied),
    ]


COUNTS: Final = (
    ("messages", "Messages that reached a state, in this process.", ("state",)),
    ("events", "Events appended by this process.", ("type",)),
    ("inbound_problems", "Reports of networks that could not be applied and were kept, by this process.", ("reason",)),
)
UP: Final = Depth(
    "database_up",
    "1 when the database told what waits; 0 when it did not answer, and nothing of it is told.",
    (),
    lambda _: [((), 1.0)],
)


class Metrics(Collector):
    """Everything, as Prometheus reads it."""

    def __init__(self, core: Core, lag: LoopLag | None = None) -> None:
        self.lag = lag or LoopLag(core.meters)
        self._core = core
        self._gauges = process_gauges(core, self.lag)
        self._seen: BacklogView | None = None
        self._counts = {name: Count(name, help, *labels) for name, help, labels in COUNTS}
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self._registry.register(self)
        core.bus.subscribe("settled", self._count_settled)
        core.bus.subscribe("events", self._count_events)

    async def page(self) -> bytes:
        """The text for a scrape."""
        try:
            self._seen = await self._core.backlog.look()
        except Exception as error:
            # What the process counted is told all the same: now it is wanted most.
            self._seen = None
            log.warning("what waits could not be looked at", error=type(error).__name__)
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Every metric of ours, for the registry."""
        return list(self.collect())

    def reference(self) -> list[tuple[str, str, tuple[str, ...], str]]:
        """Name, kind, labels and meaning of every metric of ours, as the documentation has them."""
        meters = [*self._counts.values(), *self._core.meters.all()]
        kinds = [(one, "counter" if isinstance(one, Count) else "histogram") for one in meters]
        others: list[Gauge | Depth] = [UP, *self._gauges, *DEPTHS]
        found = [(one.name, kind, one.labels, one.help) for one, kind in kinds]
        found += [(one.name, "gauge", one.labels, one.help) for one in others]
        return [
            (PREFIX + name + ("_total" if kind == "counter" else ""), kind, labels, help)
            for name, kind, labels, help in found
        ]

    def collect(self) -> Iterator[Metric]:
        """Every metric with its samples."""
        yield _gauge(UP.name, UP.help, (), [((), float(self._seen is not None))])
        for meter in (*self._counts.values(), *self._core.meters.all()):
            yield _counted(meter) if isinstance(meter, Count) else _timed(meter)
        for gauge in self._gauges:
            yield _gauge(gauge.name, gauge.help, gauge.labels, gauge.read())
        for depth in DEPTHS:
            yield _gauge(depth.name, depth.help, depth.labels, depth.read(self._seen) if self._seen else ())

    def _count_settled(self, items: list[Settled]) -> None:
        for state, number in Tally(one.state for one in items).items():
            self._counts["messages"].add((state,), number)

    def _count_events(self, items: list[Stored]) -> None:
        for type_, number in Tally(one.type for one in items).items():
            self._counts["events"].add((type_,), number)
            if type_ == "inbound.problem":
                for one in items:
                    if one.type == type_:
                        self._counts["inbound_problems"].add((msgspec.json.decode(one.data)["reason"],))


def _counted(meter: Count) -> Metric:
    family = CounterMetricFamily(PREFIX + meter.name, meter.help, labels=meter.labels)
    for labels, value in meter.values.items() or (() if meter.labels else (((), 0.0),)):
        family.add_metric(labels, value)
    return family


def _timed(meter: Times) -> Metric:
    family = HistogramMetricFamily(PREFIX + meter.name, meter.help, labels=meter.labels)
    nothing = [0.0] * (len(meter.bounds) + 2)
    for labels, row in meter.values.items() or (() if meter.labels else (((), nothing),)):
        total, buckets = 0.0, []
        for bound, number in zip((*map(str, meter.bounds), "+Inf"), row[1:], strict=True):
            total += number
            buckets.append((bound, total))
        family.add_metric(labels, buckets, row[0])
    return family


def _gauge(name: str, help: str, labels: tuple[str, ...], samples: Iterable[tuple[tuple[str, ...], float]]) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, help, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family
