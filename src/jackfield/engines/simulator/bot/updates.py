"""A bot's stream of updates: a queue that forgets what was confirmed, read by long polls or posted to a webhook."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from itertools import islice
from time import time
from typing import Any

import aiohttp
import msgspec

from .wire import BotProblem, Json, bad, encode

KINDS = """
    message edited_message channel_post edited_channel_post inline_query chosen_inline_result callback_query
    shipping_query pre_checkout_query poll poll_answer my_chat_member chat_join_request business_connection
    business_message edited_business_message deleted_business_messages purchased_paid_media chat_boost
    removed_chat_boost
""".split()  # noqa: SIM905
"""What comes when nothing is asked for; chat_member and reactions must be named (Bot API, getUpdates)."""

_RETRY_S = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


class Updates:
    """The queue of one bot."""

    def __init__(self, first_id: int) -> None:
        self._items: deque[tuple[int, Json]] = deque()
        self._next_id = first_id
        self._allowed: frozenset[str] = frozenset(KINDS)
        self._poll: asyncio.Future[bool] | None = None
        self.webhook: Webhook | None = None
        self._task: asyncio.Task[None] | None = None
        self._more = asyncio.Event()

    def __len__(self) -> int:
        return len(self._items)

    @property
    def polled(self) -> bool:
        """Whether a poll waits for updates."""
        return self._poll is not None

    def put(self, kind: str, body: Json) -> int | None:
        """Add an update; gives its id, or None when the bot did not ask for this kind."""
        if kind not in self._allowed:
            return None
        number, self._next_id = self._next_id, self._next_id + 1
        self._items.append((number, {"update_id": number, kind: body}))
        self._more.set()
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(True)
        return number

    def allow(self, kinds: Any) -> None:
        """Which kinds to keep from now on; None changes nothing, an empty list means the usual ones."""
        if isinstance(kinds, list):
            self._allowed = frozenset(kinds) if kinds else frozenset(KINDS)

    async def get(self, offset: int, limit: int, timeout: float) -> list[Json]:
        """getUpdates: confirm what is before `offset`, then wait up to `timeout` seconds for more.

        Raises BotProblem 409 while a webhook is set, and in this call when a newer one takes over.
        """
        if self.webhook is not None:
            raise BotProblem(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the "
                "webhook first",
            )
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(False)
        if offset < 0:
            while len(self._items) > -offset:
                self._items.popleft()
        elif offset > 0:
            while self._items and self._items[0][0] < offset:
                self._items.popleft()
        if not self._items and timeout > 0:
            await self._wait(timeout)
        return [update for _, update in islice(self._items, max(1, min(limit, 100)))]

    async def _wait(self, timeout: float) -> None:
        poll: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._poll = poll
        try:
            async with asyncio.timeout(timeout):
                mine = await poll
        except TimeoutError:
            return
        finally:
            if self._poll is poll:
                self._poll = None
        if not mine:
            raise BotProblem(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
            )

    # -- webhook

    def set_webhook(self, webhook: Webhook | None, execute: Callable[[Json], Awaitable[None]]) -> None:
        """Post updates to `webhook` from now on, or stop. A method in its answer goes to `execute`."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self.webhook = webhook
        if webhook is not None:
            if self._poll is not None and not self._poll.done():
                self._poll.set_result(False)
            self._task = asyncio.create_task(self._post_all(webhook, execute), name="simulator webhook")

    def end_poll(self) -> None:
        """Answer a waiting poll with what there is."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(True)

    def drop(self) -> None:
        """Forget what is pending."""
        self._items.clear()

    async def _post_all(self, webhook: Webhook, execute: Callable[[Json], Awaitable[None]]) -> None:
        """One at a time and in order; an update that is not taken is tried again until it is."""
        failures = 0
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as client:
            while True:
                if not self._items:
                    self._more.clear()
                    await self._more.wait()
                number, update = self._items[0]
                problem = await webhook.post(client, update, execute)
                if problem is None:
                    failures = 0
                    if self._items and self._items[0][0] == number:
                        self._items.popleft()
                    continue
                webhook.error, webhook.error_at = problem, int(time())
                await asyncio.sleep(_RETRY_S[min(failures, len(_RETRY_S) - 1)])
                failures += 1

    async def close(self) -> None:
        """Stop posting, and end a waiting poll."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self.end_poll()


class Webhook:
    """Where updates are posted, and how the last failure read."""

    def __init__(self, url: str, secret: str | None, connections: int) -> None:
        if not url.startswith(("http://", "https://")):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        self.url, self.secret, self.connections = url, secret, connections
        self.error: str | None = None
        self.error_at = 0

    async def post(
        self, client: aiohttp.ClientSession, update: Json, execute: Callable[[Json], Awaitable[None]]
    ) -> str | None:
        """Deliver one update; gives what went wrong, in Telegram's words, or None."""
        headers = {"Content-Type": "application/json"}
        if self.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.secret
        try:
            async with client.post(self.url, data=encode(update), headers=headers, allow_redirects=False) as response:
                body = await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return f"Connection failed: {type(error).__name__}"
        if response.status >= 300:
            return f"Wrong response from the webhook: {response.status} {response.reason}"
        if body.startswith(b"{"):
            try:
                answer = msgspec.json.decode(body)
            except msgspec.DecodeError:
                return None
            if isinstance(answer.get("method"), str):
                await execute(answer)
        return None

    def info(self, pending: int) -> Json:
        """As getWebhookInfo shows it."""
        row: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": pending,
            "max_connections": self.connections,
        }
        if self.error:
            row |= {"last_error_date": self.error_at, "last_error_message": self.error}
        return row
