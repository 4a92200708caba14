"""The child process: a few numbers on one event loop, asked and answering over a socket.

Run as `python -m jackfield.engines.whatsapp_web.child FD MODULE:FUNCTION`, FD being one end of a socket pair and the
function what makes a `Phone`. It ends when the server's end closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec

from jackfield.core.ground.errors import OutcomeUnknown, Rejected, SendError
from jackfield.core.port import Report
from jackfield.core.port import content as c

from .device import Device
from .link import Answer, Ask, Failure, Heard, Told, failure_of, pack, read_frame, write_frame
from .liveness import guard
from .options import DeviceOptions
from .outgoing import File
from .phone import CONNECTION, MakePhone

CALLS = 64
"""How many calls into the library may be under way at once; each takes a thread while it lasts."""
MOST_ABANDONED = 30
"""How many logins that nobody finished a process may carry; then it is replaced."""
CLOSE_S = 8.0
"""How long connections may take to end once the server is gone."""
DEAF_EXIT = 70
"""Exit status of a process that ends itself because a session stays deaf."""

GROUP_VERBS = frozenset(
    {
        "list_groups",
        "group_info",
        "create_group",
        "update_group",
        "change_participants",
        "leave_group",
        "invite_link",
        "join_requests",
        "list_newsletters",
        "create_newsletter",
    }
)
PLAIN_VERBS = frozenset(
    {
        "login",
        "log_out",
        "delete",
        "typing",
        "mark_read",
        "reject_call",
        "download",
        "account",
        "check_contacts",
        "picture",
        "phone_of",
    }
)


class Child:
    """Everything in the process."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, make: MakePhone) -> None:
        self._reader, self._writer, self._make = reader, writer, make
        self._devices: dict[int, Device] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until the server closes its end."""
        while (frame := await read_frame(self._reader)) is not None:
            if isinstance(frame, Heard):
                if frame.channel in self._devices:
                    self._devices[frame.channel].heard(frame.seq)
            elif isinstance(frame, Ask):
                task = asyncio.create_task(self._answer(frame))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await asyncio.gather(*(device.close() for device in self._devices.values()), return_exceptions=True)

    async def _answer(self, ask: Ask) -> None:
        try:
            answer = Answer(ask.id, result=msgspec.to_builtins(await self._carry_out(ask), builtin_types=(bytes,)))
        except SendError as error:
            answer = Answer(ask.id, failure=failure_of(error))
        except Exception as error:
            unknown = OutcomeUnknown("outcome_unknown", f"{type(error).__name__}: {error}")
            answer = Answer(ask.id, failure=failure_of(unknown))
        write_frame(self._writer, answer)
        await self._writer.drain()

    async def _carry_out(self, ask: Ask) -> Any:
        args = ask.args
        if ask.verb == "ping":
            # Through a thread of the library's: a process whose calls all hang must not answer.
            return await asyncio.to_thread(int)
        if ask.verb == "open":
            return await self._open(ask.channel, args)
        device = self._devices.get(ask.channel)
        if device is None:
            raise Rejected("NOT_OPEN", "The channel is not open in this process.")
        if ask.verb == "close":
            await self._devices.pop(ask.channel).close()
            self._count_abandoned()
            return None
        if ask.verb == "send":
            file = args.get("file")
            return await device.send(
                args["to"],
                c.decode(args["content"]),
                ref=args["ref"],
                secret=args["secret"],
                reply_to=args.get("reply_to"),
                file=None if file is None else File(**file),
            )
        if ask.verb == "edit":
            return await device.edit(args["to"], args["provider_id"], c.decode(args["content"]))
        if ask.verb in PLAIN_VERBS:
            return await getattr(device, ask.verb)(**args)
        if ask.verb in GROUP_VERBS:
            return await device.request(getattr(device.groups, ask.verb)(**args))
        raise Rejected("UNSUPPORTED", f"The process cannot {ask.verb}.")

    def _count_abandoned(self) -> None:
        connections = sum(thread.name == CONNECTION for thread in threading.enumerate())
        if connections - len(self._devices) > MOST_ABANDONED:
            # After the answer to what was asked last.
            asyncio.get_running_loop().call_later(1.0, self._die, "too many codes were shown that nobody scanned")

    async def _open(self, channel: int, args: dict[str, Any]) -> None:
        options = msgspec.convert(args["options"], type=DeviceOptions)

        def tell(seq: int, reports: list[Report]) -> None:
            write_frame(self._writer, Told(channel, seq, pack(reports)))

        device = Device(options, self._make, tell, self._die)
        self._devices[channel] = device
        await device.open(bool(args["connect"]))
        device.watch(guard)

    @staticmethod
    def _die(reason: str) -> None:
        print(reason, file=sys.stderr, flush=True)  # noqa: T201
        # Threads of the Go runtime may hang; nothing that needs saving is in memory only.
        os._exit(DEAF_EXIT)


def load(name: str) -> MakePhone:
    """The function that "module:function" names."""
    module, _, function = name.partition(":")
    make: MakePhone = getattr(importlib.import_module(module), function)
    return make


async def serve(descriptor: int, maker: str) -> None:
    """Connect to the server's socket and serve."""
    end = socket.socket(fileno=descriptor)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(CALLS, "whatsapp call"))
    reader, writer = await asyncio.open_connection(sock=end)
    try:
        make = load(maker)
    except Exception as error:
        failure = Failure("LoginRequired", "INSTALL", f"neonize could not be loaded: {error}")
        while (frame := await read_frame(reader)) is not None:
            if isinstance(frame, Ask):
                write_frame(writer, Answer(frame.id, failure=failure))
        return
    await Child(reader, writer, make).run()
    # A thread that hangs in the Go runtime would keep the interpreter from ending, and the device with it.
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
