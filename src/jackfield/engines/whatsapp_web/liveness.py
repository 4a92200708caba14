"""Finds a session that is connected but deaf, and heals it. See `options.Pulse` for the rules and their numbers."""

from __future__ import annotations

import asyncio
import time

from neonize.exc import NeonizeError

from jackfield.core.port import AccountNotice, Disconnected

from .device import Device


async def guard(device: Device) -> None:
    """Watch one device for as long as it lives."""
    pulse = device.options.pulse
    failed_probes = 0
    while True:
        await device.connected.wait()
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
