"""Spreads numbers over child processes and keeps these alive: a crash costs only the numbers in that process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec

from jackfield.core.ground.errors import SendError, Unavailable
from jackfield.core.port import Disconnected, Report

from .link import Told, unpack
from .options import DeviceOptions
from .process import Process, ProcessLost

BACK_OFF_S = (0.5, 2.0, 5.0, 15.0, 60.0)
SETTLED_S = 300.0
"""Pauses before each new start in a row; a process that lived this long begins the row anew."""

NEONIZE = "jackfield.engines.whatsapp_web.real:make"


Hear = Callable[[Process | None, int, list[Report]], None]


class Seat:
    """One channel's place in a process.

    `told` gets its reports, with the process and the number to acknowledge them by; None for the keeper's own.
    """

    def __init__(self, channel: int, options: DeviceOptions, per_process: int, told: Hear) -> None:
        self.channel, self.options, self.per_process, self.told = channel, options, per_process, told
        self.connect = False
        self.room: Room | None = None

    async def ask(self, verb: str, args: dict[str, Any], *, timeout: float | None = 60.0) -> Any:
        """Ask the channel's process. Raises SendError, or ProcessLost when it dies before it answers."""
        process = self.room.process if self.room is not None else None
        if process is None or process.gone.is_set():
            raise Unavailable("ENGINE_CRASHED", "The number's process is being started again.")
        return await process.ask(self.channel, verb, args, timeout=timeout)


class Room:
    """A process with its seats; started again when it ends."""

    def __init__(self, maker: str, back_off: tuple[float, ...], ping: tuple[float, float]) -> None:
        self._maker, self._back_off, self._ping = maker, back_off, ping
        self.seats: dict[int, Seat] = {}
        self.process: Process | None = None
        self.starts = 0
        self._failures = 0
        self._started = 0.0
        self._restart: asyncio.Task[None] | None = None
        self._closing = False

    async def start(self) -> None:
        """Start the process without its seats. Raises Unavailable."""
        made: list[Process] = []
        process = Process(
            self._maker,
            lambda told: self._on_reports(made[0], told),
            lambda reason: self._ended(made[0], reason),
            ping_s=self._ping[0],
            pong_s=self._ping[1],
        )
        made.append(process)
        try:
            await process.start()
        except OSError as error:
            raise Unavailable("ENGINE_CRASHED", f"The number's process cannot be started: {error}") from None
        self.process = process
        self.starts += 1
        self._started = time.monotonic()

    async def open(self, seat: Seat) -> None:
        """Bring a seat up in the running process. Raises SendError or ProcessLost."""
        assert self.process is not None
        args = {"options": msgspec.to_builtins(seat.options, builtin_types=(bytes,)), "connect": seat.connect}
        await self.process.ask(seat.channel, "open", args, timeout=60.0)

    def _on_reports(self, process: Process, told: Told) -> None:
        seat = self.seats.get(told.channel)
        if seat is not None and process is self.process:
            seat.told(process, told.seq, unpack(told.reports))

    def _ended(self, process: Process, reason: str) -> None:
        if process is not self.process or self._closing:
            return
        for seat in self.seats.values():
            seat.told(None, 0, [Disconnected(reason=f"The number's process ended ({reason}); it is started again.")])
        if self._restart is None or self._restart.done():
            self._restart = asyncio.create_task(self._revive(), name="whatsapp restart")

    async def _revive(self) -> None:
        if time.monotonic() - self._started > SETTLED_S:
            self._failures = 0
        while not self._closing:
            await asyncio.sleep(self._back_off[min(self._failures, len(self._back_off) - 1)])
            self._failures += 1
            try:
                await self.start()
                for seat in list(self.seats.values()):
                    await self.open(seat)
                return
            except ProcessLost:
                continue
            except SendError as error:
                for seat in self.seats.values():
                    seat.told(None, 0, [Disconnected(reason=error.message)])

    async def close(self) -> None:
        """End the process and stay down."""
        self._closing = True
        if self._restart is not None:
            self._restart.cancel()
            await asyncio.gather(self._restart, return_exceptions=True)
        if self.process is not None:
            await self.process.close()


class Keeper:
    """All processes of the engine."""

    def __init__(
        self,
        maker: str = NEONIZE,
        *,
        back_off: tuple[float, ...] = BACK_OFF_S,
        ping: tuple[float, float] = (10.0, 30.0),
    ) -> None:
        self._maker, self._back_off, self._ping = maker, back_off, ping
        self.rooms: list[Room] = []
        self._lock = asyncio.Lock()

    async def take(self, seat: Seat) -> None:
        """Give a seat a process: one with room by everybody's wish, else a new one. Raises SendError."""
        async with self._lock:
            room = next((room for room in self.rooms if self._fits(room, seat)), None)
            if room is None:
                room = Room(self._maker, self._back_off, self._ping)
                await room.start()
                self.rooms.append(room)
            room.seats[seat.channel] = seat
            seat.room = room
        try:
            await room.open(seat)
        except ProcessLost:
            await self.leave(seat)
            raise Unavailable("ENGINE_CRASHED", "The number's process ended while it started.") from None
        except BaseException:
            await self.leave(seat)
            raise

    @staticmethod
    def _fits(room: Room, seat: Seat) -> bool:
        maximum = min([seat.per_process, *(other.per_process for other in room.seats.values())])
        alive = room.process is not None and not room.process.gone.is_set()
        return alive and len(room.seats) < maximum and seat.channel not in room.seats

    async def leave(self, seat: Seat) -> None:
        """Close a seat; an empty process ends."""
        room = seat.room
        if room is None:
            return
        seat.room = None
        if room.process is not None and not room.process.gone.is_set():
            try:
                await room.process.ask(seat.channel, "close", {}, timeout=20.0)
            except (SendError, ProcessLost):
                pass
        async with self._lock:
            room.seats.pop(seat.channel, None)
            if not room.seats:
                if room in self.rooms:
                    self.rooms.remove(room)
                await room.close()
