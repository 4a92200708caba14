"""Finds a session that is connected but deaf, and heals it. See `options.Pulse` for the rules and their numbers."""

from __future__ import annotations

import asyncio
import contextlib
import time

from neonize.exc import NeonizeError

from jackfield.core.ground.errors import SendError
from jackfield.core.port import AccountNotice, Disconnected

from .device import Device


async def guard(device: Device) -> None:
    """Watch one device for as long as it lives."""
    pulse = device.options.pulse
    failed_probes = attempts = 0
    while True:
        await device.wanted.wait()
        if not device.connected.is_set():
            failed_probes = 0
            attempts = 0 if await _connects(device, attempts) else attempts + 1
            continue
        attempts = 0
        await asyncio.sleep(min(pulse.probe_after, pulse.deaf_after) / 4)
        if not device.connected.is_set():
            continue
        silent = time.monotonic() - device.last_event
        if silent < min(pulse.probe_after, pulse.deaf_after):
            failed_probes = 0
            continue
        why = None
        if device.sent_since_event >= pulse.deaf_sends and silent >= pulse.deaf_after:
            why = f"{device.sent_since_event} messages sent, and no event for {silent:.0f} s"
        elif silent >= pulse.stale_after:
            why = f"no event for {silent:.0f} s"
        elif silent >= pulse.probe_after:
            failed_probes = 0 if await _answers(device) else failed_probes + 1
            if failed_probes >= 2:
                why = "WhatsApp does not answer"
        if why is not None:
            failed_probes = 0
            await _heal(device, why)


async def _connects(device: Device, attempts: int) -> bool:
    """Wait for the connection, and make a new one when there is none to wait for. Whether it stands now."""
    pulse = device.options.pulse
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(pulse.offline_after):
            await first_of(device.connected, device.broken)
    if device.connected.is_set():
        return True
    pause = pulse.retry[min(attempts, len(pulse.retry) - 1)]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(pause):
            await device.connected.wait()
    if device.wanted.is_set() and not device.connected.is_set():
        with contextlib.suppress(SendError):
            await device.reconnect()
    return False


async def first_of(*events: asyncio.Event) -> None:
    """Return once one of the events is set."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def _answers(device: Device) -> bool:
    """Whether WhatsApp answers a question about the number itself; costs it nothing and shows nowhere."""
    try:
        async with asyncio.timeout(device.options.pulse.probe_timeout):
            await device.phone.is_on_whatsapp(f"+{device.me.User}")
    except (NeonizeError, TimeoutError):
        return False
    return True


async def _heal(device: Device, why: str) -> None:
    """A new connection; the end of its catching up proves that events arrive. Without proof the process must go."""
    device.say(Disconnected(reason=f"Connected but deaf ({why}); connecting anew."))
    try:
        async with asyncio.timeout(device.options.pulse.proof):
            await device.reconnect()
            await device.synced.wait()
    except TimeoutError:
        device.give_up(f"still deaf after a new connection ({why})")
        return
    device.last_event = time.monotonic()
    device.say(AccountNotice(kind="session_healed", message=f"The session was deaf ({why}) and was connected anew."))
