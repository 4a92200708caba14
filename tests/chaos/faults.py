"""The faults. Each is done while messages flow, and is over (or is ended by `Stage.heal`) before the judge looks."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import resource
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from random import Random
from typing import Any

import asyncpg

from jackfield.testing.server import free_port, until

from .fleet import LEASE_S, Box, Cluster, Node, Stage

Fault = Callable[[Any, Random], None]
CLUSTER: dict[str, Callable[[Cluster, Random], None]] = {}
BOX: dict[str, Callable[[Box, Random], None]] = {}


def on_cluster(kind: str) -> Callable[[Callable[[Cluster, Random], None]], Callable[[Cluster, Random], None]]:
    """A kind of fault of a cluster."""

    def keep(fault: Callable[[Cluster, Random], None]) -> Callable[[Cluster, Random], None]:
        CLUSTER[kind] = fault
        return fault

    return keep


def on_box(kind: str) -> Callable[[Callable[[Box, Random], None]], Callable[[Box, Random], None]]:
    """A kind of fault of a single box."""

    def keep(fault: Callable[[Box, Random], None]) -> Callable[[Box, Random], None]:
        BOX[kind] = fault
        return fault

    return keep


def on_both(kind: str) -> Callable[[Callable[[Stage, Random], None]], Callable[[Stage, Random], None]]:
    """A kind of fault of either."""

    def keep(fault: Callable[[Stage, Random], None]) -> Callable[[Stage, Random], None]:
        CLUSTER[kind] = BOX[kind] = fault
        return fault

    return keep


def pause(chance: Random, least: float = 0.05, most: float = 0.5) -> None:
    """A moment, so that faults meet all phases of the work."""
    time.sleep(chance.uniform(least, most))


# -- processes -----------------------------------------------------------------------------------------


def _kill(node: Node, chance: Random) -> None:
    node.kill()
    pause(chance)
    node.start()


@on_cluster("kill -9 of a worker that owns a channel")
def kill_worker(stage: Cluster, chance: Random) -> None:
    _kill(stage.owner(), chance)


@on_cluster("kill -9 of an api server")
def kill_api(stage: Cluster, chance: Random) -> None:
    _kill(stage.nodes["api"], chance)


@on_both("kill -9 of a server that does both")
def kill_both(stage: Stage, chance: Random) -> None:
    _kill(stage.nodes["both" if stage.kind == "cluster" else "box"], chance)


@on_cluster("kill -9 of all servers")
def kill_all(stage: Cluster, chance: Random) -> None:
    for node in stage.nodes.values():
        node.kill()
    for node in stage.nodes.values():
        node.start()


@on_cluster("SIGSTOP of an owner beyond its lease")
def stall_owner(stage: Cluster, chance: Random) -> None:
    # A slow network, so that it has claimed more than it has sent when it freezes.
    stage.network_fault(latency=[100, 300])
    pause(chance)
    node = stage.owner()
    node.freeze()
    time.sleep(LEASE_S + chance.uniform(0.5, 1.5))  # the fault: it stands still so long
    node.thaw()


@on_cluster("SIGSTOP of an owner shorter than its lease")
def stall_shortly(stage: Cluster, chance: Random) -> None:
    node = stage.owner()
    node.freeze()
    time.sleep(chance.uniform(0.2, 0.9))  # the fault: it stands still so long
    node.thaw()


@on_both("graceful stop")
def stop(stage: Stage, chance: Random) -> None:
    node = stage.owner()
    assert node.stop() == 0, f"it ended with {node.process.returncode if node.process else None}"
    node.start()


@on_cluster("rolling restart of all")
def rolling(stage: Cluster, chance: Random) -> None:
    for node in stage.nodes.values():
        assert node.stop() == 0
        node.start()


# -- NATS ----------------------------------------------------------------------------------------------


@on_cluster("NATS down and back")
def nats_down(stage: Cluster, chance: Random) -> None:
    stage.nats.stop()
    pause(chance, 0.5, 1.5)
    stage.nats.start()


@on_cluster("NATS slow")
def nats_slow(stage: Cluster, chance: Random) -> None:
    stage.proxies["nats"].delay(chance.uniform(0.1, 0.5))
    pause(chance, 0.8, 1.5)


@on_cluster("NATS partitioned")
def nats_parted(stage: Cluster, chance: Random) -> None:
    stage.proxies["nats"].stall()
    pause(chance, 0.8, 2.0)


# -- PostgreSQL ----------------------------------------------------------------------------------------


@on_cluster("PostgreSQL crashed and restarted")
def postgres_restarted(stage: Cluster, chance: Random) -> None:
    stage.postgres.restart(pause=chance.uniform(0.0, 0.5))


@on_cluster("PostgreSQL slow")
def postgres_slow(stage: Cluster, chance: Random) -> None:
    stage.proxies["database"].delay(chance.uniform(0.01, 0.05))
    pause(chance, 0.8, 1.5)


@on_cluster("PostgreSQL refuses connections")
def postgres_refused(stage: Cluster, chance: Random) -> None:
    stage.proxies["database"].refuse()
    pause(chance, 0.5, 2.5)


@on_cluster("PostgreSQL connections cut")
def postgres_cut(stage: Cluster, chance: Random) -> None:
    for _ in range(3):
        stage.proxies["database"].cut()
        pause(chance, 0.05, 0.3)


@on_cluster("PostgreSQL partitioned")
def postgres_parted(stage: Cluster, chance: Random) -> None:
    stage.proxies["database"].stall()
    pause(chance, 0.5, LEASE_S + 1)


@on_cluster("PostgreSQL cut in the middle of a commit")
def commit_cut(stage: Cluster, chance: Random) -> None:
    proxy = stage.proxies["database"]
    for _ in range(4):
        before = proxy.hits
        proxy.cut_after(b"COMMIT")
        with contextlib.suppress(AssertionError):
            until(lambda before=before: proxy.hits > before, 1.0)
        pause(chance, 0.02, 0.2)


@on_cluster("deadlock on PostgreSQL")
def deadlock(stage: Cluster, chance: Random) -> None:
    async def fight() -> None:
        """Take the channels' rows and messages' in the wrong order, again and again."""
        connection = await asyncpg.connect(stage.postgres.url)
        try:
            for _ in range(6):
                with contextlib.suppress(asyncpg.PostgresError):
                    async with connection.transaction():
                        await connection.execute(
                            "SELECT id FROM messages WHERE state IN ('queued', 'sending') ORDER BY id DESC FOR UPDATE"
                        )
                        await asyncio.sleep(0.05)
                        await connection.execute("SELECT id FROM channels ORDER BY id DESC FOR UPDATE")
                        await connection.execute("SELECT id FROM chats ORDER BY id DESC FOR UPDATE")
                        await asyncio.sleep(0.02)
        finally:
            await connection.close()

    asyncio.run(fight())


@on_cluster("a transaction held open on PostgreSQL")
def held_open(stage: Cluster, chance: Random) -> None:
    async def hold() -> None:
        connection = await asyncpg.connect(stage.postgres.url)
        try:
            async with connection.transaction(isolation="repeatable_read"):
                await connection.fetch("SELECT count(*) FROM messages")
                await asyncio.sleep(chance.uniform(1.0, 2.0))
        finally:
            await connection.close()

    asyncio.run(hold())


# -- the network ---------------------------------------------------------------------------------------


@on_both("provider out of reach")
def network_down(stage: Stage, chance: Random) -> None:
    stage.proxies["network"].refuse()
    pause(chance, 0.5, 1.5)


@on_both("provider slow")
def network_slow(stage: Stage, chance: Random) -> None:
    stage.network_fault(latency=[200, 800])
    pause(chance, 0.8, 1.5)


@on_both("provider takes messages and the answer is lost")
def answers_lost(stage: Stage, chance: Random) -> None:
    stage.network_fault(drop=0.5)
    pause(chance, 0.5, 1.0)


@on_both("connections to the provider cut in mid-request")
def network_cut(stage: Stage, chance: Random) -> None:
    stage.network_fault(latency=[50, 200])
    for _ in range(4):
        pause(chance, 0.05, 0.3)
        stage.proxies["network"].cut()


@on_both("provider answers 429 in a storm")
def storm(stage: Stage, chance: Random) -> None:
    stage.network_fault(errors=[{"code": 130429, "rate": 0.8, "retryAfter": 0.2}])
    pause(chance, 0.5, 1.0)


@on_both("provider answers 500")
def server_errors(stage: Stage, chance: Random) -> None:
    stage.network_fault(errors=[{"code": 131000, "rate": 0.5, "count": 6}])
    pause(chance, 0.5, 1.0)


@on_both("provider's webhooks duplicated")
def duplicated(stage: Stage, chance: Random) -> None:
    stage.network_fault(duplicateStatuses=0.7, duplicateWebhooks=0.7)
    pause(chance, 0.8, 1.5)


@on_both("provider's webhooks disordered")
def disordered(stage: Stage, chance: Random) -> None:
    stage.network_fault(disorder=0.7)
    pause(chance, 0.8, 1.5)


@on_both("provider's webhooks delayed")
def delayed(stage: Stage, chance: Random) -> None:
    stage.network_fault(webhookDelay=[100, 2000])
    pause(chance, 0.8, 1.5)


@on_both("provider's webhooks cut off from us")
def callbacks_down(stage: Stage, chance: Random) -> None:
    stage.proxies["callbacks"].refuse()
    pause(chance, 0.5, 1.5)


@on_both("forged webhooks")
def forged(stage: Stage, chance: Random) -> None:
    """Statuses and messages that nobody at the provider sent: unsigned, signed with another secret, of wrong shape."""
    rows = stage.query("SELECT id, provider_id FROM messages WHERE direction = 'out' ORDER BY id DESC LIMIT 5")
    for row in rows:
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "1", "phone_number_id": stage.cloud.id},
            "statuses": [
                {
                    "id": row["provider_id"] or f"wamid.{row['id']}",
                    "status": "failed",
                    "timestamp": "1",
                    "recipient_id": "1",
                    "biz_opaque_callback_data": str(row["id"]),
                    "errors": [{"code": 131000, "title": "forged"}],
                }
            ],
        }
        entry = {"id": "9", "time": 1, "changes": [{"field": "messages", "value": value}]}
        body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
        wrong = hmac.new(b"another secret", body, hashlib.sha256).hexdigest()
        for headers in ({}, {"X-Hub-Signature-256": f"sha256={wrong}"}, {"X-Hub-Signature-256": "sha256="}):
            request = urllib.request.Request(
                f"http://127.0.0.1:{stage.doors[0]}/hooks/{stage.channels[1]}",
                data=body,
                headers={"Content-Type": "application/json", **headers},
            )
            status = 0
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    status = answer.status
            except urllib.error.HTTPError as refused:
                with refused:
                    status = refused.code
            assert status in (401, 403), f"a forged webhook was answered {status}"


# -- receivers -----------------------------------------------------------------------------------------


@on_both("receiver down")
def receiver_down(stage: Stage, chance: Random) -> None:
    stage.proxies["receiver"].refuse()
    pause(chance, 0.8, 1.5)


@on_both("receiver slow")
def receiver_slow(stage: Stage, chance: Random) -> None:
    stage.receiver.mood = "slow"
    pause(chance, 0.8, 1.5)


@on_both("receiver answers 500 with garbage")
def receiver_garbage(stage: Stage, chance: Random) -> None:
    stage.receiver.mood = "garbage"
    pause(chance, 0.8, 1.5)


@on_both("receiver answers what is no HTTP")
def receiver_rude(stage: Stage, chance: Random) -> None:
    stage.receiver.mood = "rude"
    pause(chance, 0.8, 1.5)


@on_both("receiver's connections cut")
def receiver_cut(stage: Stage, chance: Random) -> None:
    for _ in range(4):
        pause(chance, 0.05, 0.3)
        stage.proxies["receiver"].cut()


# -- the machine ---------------------------------------------------------------------------------------


@on_both("clock jumps ahead")
def clock_ahead(stage: Stage, chance: Random) -> None:
    stage.clock.jump(chance.uniform(5, 120))
    pause(chance, 0.5, 1.5)


@on_both("clock jumps back")
def clock_back(stage: Stage, chance: Random) -> None:
    stage.clock.jump(-chance.uniform(5, 120))
    pause(chance, 0.5, 1.5)


@on_both("out of file descriptors")
def no_files(stage: Stage, chance: Random) -> None:
    node = stage.nodes["both" if stage.kind == "cluster" else "box"]
    import psutil

    before = node.bound(resource.RLIMIT_NOFILE, psutil.Process(node.pid).num_fds())
    pause(chance, 0.5, 1.5)
    node.bound(resource.RLIMIT_NOFILE, before)


@on_both("memory limit reached")
def no_memory(stage: Stage, chance: Random) -> None:
    node = stage.nodes["both" if stage.kind == "cluster" else "box"]
    import psutil

    taken = psutil.Process(node.pid).memory_info().vms
    before = node.bound(resource.RLIMIT_AS, taken)
    pause(chance, 0.5, 1.0)
    node.bound(resource.RLIMIT_AS, before)


@on_box("disk full")
def disk_full(stage: Box, chance: Random) -> None:
    if stage.disk is None:
        before = stage.node.bound(resource.RLIMIT_FSIZE, 4096)
        pause(chance, 0.5, 1.5)
        stage.node.bound(resource.RLIMIT_FSIZE, before)
        return
    filler = stage.disk / "filler"
    with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    pause(chance, 0.5, 1.5)
    filler.unlink()


@on_box("folder read-only")
def read_only(stage: Box, chance: Random) -> None:
    """Files that are open for writing keep a file system from becoming read-only, so what is refused is their growth."""
    before = stage.node.bound(resource.RLIMIT_FSIZE, 0)
    pause(chance, 0.5, 1.5)
    stage.node.bound(resource.RLIMIT_FSIZE, before)


@on_box("two servers on one SQLite folder")
def two_servers(stage: Box, chance: Random) -> None:
    """The second must not start to work: it says so and ends, or serves without owning anything."""
    second = Node(stage.node.data_dir, {**stage.node.env, "JACKFIELD_PORT": str(free_port())})
    command = [sys.executable, "-m", "jackfield", "serve"]
    process = subprocess.Popen(command, env=second.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    owner = threading.Event()
    try:
        deadline = time.monotonic() + 6
        while process.poll() is None and time.monotonic() < deadline:
            if any(stage.owner_pid(channel) == process.pid for channel in stage.channels):
                owner.set()
            time.sleep(0.05)  # between two looks
    finally:
        process.terminate()
        process.wait(30)
    assert not owner.is_set(), "the second server took a channel of the first"
