"""How another API is asked: politely, with time-outs, and with errors that say what to do. No key is ever shown."""

from __future__ import annotations

import asyncio
import random
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

import aiohttp
import msgspec

from .records import Batch, Colleague, Hook, Labels, Noted, Number, Person, Planned, Reply, Template, Triggered

ATTEMPTS: Final = 6
"""For what may pass: a lost connection, 502, 503, 504. The waits between them come to about half a minute."""
TIMEOUT_S: Final = 60.0
"""Of one request."""
MOST_PATIENCE_S: Final = 3600.0
"""The longest wait that a source may ask for (`Retry-After`). Chattu's windows are 15 minutes and an hour."""
MOST_BYTES: Final = 64 << 20
PASSING: Final = frozenset({502, 503, 504})
ABSENT: Final = frozenset({403, 404, 405})
"""Answers of a source that has no such path, or does not show it to this caller."""


class SourceError(Exception):
    """The source cannot be read; the message says why, and what to do."""


class Login(msgspec.Struct, frozen=True):
    """A person's login, for what a vendor shows to people only. Its repr shows no password."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Login({self.user!r})"


Waiting = Callable[[str], None]
"""Told when the source wants to be waited for, in words."""


class Web:
    """One source's address. `vendor` is its name for people."""

    def __init__(self, vendor: str, base: str, headers: Mapping[str, str], waiting: Waiting | None = None) -> None:
        self.vendor = vendor
        self.base = base
        self._headers = dict(headers)
        self._waiting = waiting or (lambda _: None)
        self._session: aiohttp.ClientSession | None = None
        self.requests = 0

    def __repr__(self) -> str:
        return f"Web({self.base!r})"

    def set(self, name: str, value: str) -> None:
        """Send a header from now on."""
        self._headers[name] = value

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(self, path: str, **query: Any) -> Any:
        """The JSON behind a path. Raises SourceError."""
        return await self._ask("GET", path, query=query)

    async def find(self, path: str, absent: Collection[int] = ABSENT, **query: Any) -> Any:
        """As `get`; None where the source has no such path, or does not show it to this caller."""
        return await self._ask("GET", path, query=query, absent=absent)

    async def post(
        self, path: str, *, form: Mapping[str, str] | None = None, json: Any = None, absent: Collection[int] = ()
    ) -> Any:
        """As `get`, with fields or a JSON body; None for one of the answers in `absent`."""
        return await self._ask("POST", path, form=form, json=json, absent=absent)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
        json: Any = None,
        absent: Collection[int] = (),
    ) -> Any:
        where = f"{self.base}{path}"
        tried = 0
        while True:
            try:
                status, headers, body = await self._once(method, where, query or {}, form, json)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                tried += 1
                if tried >= ATTEMPTS or isinstance(error, aiohttp.InvalidURL):
                    raise SourceError(self._unreachable(error)) from None
                await self._pause(tried, "did not answer")
                continue
            if status == 429 or (status == 503 and "retry-after" in headers):
                seconds = _seconds(headers.get("retry-after"))
                if seconds > MOST_PATIENCE_S:
                    raise SourceError(
                        f"{self.vendor} allows no more requests for {seconds / 3600:.1f} hours. "
                        "Run the same command again then; it goes on where it was."
                    )
                self._waiting(f"{self.vendor} asks to wait {seconds:.0f} s")
                await asyncio.sleep(seconds)
                continue
            if status in PASSING and tried + 1 < ATTEMPTS:
                tried += 1
                await self._pause(tried, f"answered {status}")
                continue
            if status in absent or (absent and body.strip() == b"null"):
                return None
            return self._read(status, headers, body, method, path)

    async def _once(
        self, method: str, where: str, query: Mapping[str, Any], form: Mapping[str, str] | None, json: Any
    ) -> tuple[int, Mapping[str, str], bytes]:
        if self._session is None:
            # The login of Chattu is a cookie, also of hosts that are an address.
            jar = aiohttp.CookieJar(unsafe=True)
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
            self._session = aiohttp.ClientSession(cookie_jar=jar, timeout=timeout)
        self.requests += 1
        params = [(name, str(value)) for name, value in query.items() if value is not None]
        data = aiohttp.FormData(dict(form)) if form is not None else None
        async with self._session.request(
            method,
            where,
            params=params,
            data=data,
            json=json,
            headers={"Accept": "application/json", **self._headers},
            # A redirect would carry the key to another host.
            allow_redirects=False,
        ) as answer:
            body = b""
            async for piece in answer.content.iter_chunked(1 << 16):
                body += piece
                if len(body) > MOST_BYTES:
                    raise SourceError(f"{self.vendor} answered more than 64 MB at {where}.")
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}, body

    async def _pause(self, tried: int, why: str) -> None:
        seconds = min(16.0, 0.5 * 2**tried) * random.uniform(0.75, 1.25)
        self._waiting(f"{self.vendor} {why}; trying again in {seconds:.0f} s")
        await asyncio.sleep(seconds)

    def _unreachable(self, error: Exception) -> str:
        host = urlsplit(self.base).netloc
        if isinstance(error, aiohttp.InvalidURL):
            return f"--url: {self.base} is no address."
        if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
            return f"{host} shows no certificate that can be trusted, so that the key was not sent."
        if isinstance(error, aiohttp.ClientConnectorDNSError):
            return f"There is no host {host}. Is --url written correctly?"
        if isinstance(error, TimeoutError):
            return f"{host} did not answer within {TIMEOUT_S:.0f} s, {ATTEMPTS} times. Run the command again later."
        return f"{host} cannot be reached: {type(error).__name__}. Is --url right, and does it run?"

    def _read(self, status: int, headers: Mapping[str, str], body: bytes, method: str, path: str) -> Any:
        if 300 <= status < 400:
            raise SourceError(
                f"{self.base} sends on to {_origin(headers.get('location', ''))}. Give that address as --url."
            )
        try:
            found = msgspec.json.decode(body)
        except msgspec.DecodeError:
            found = None
        said = _words(found)
        if status == 401:
            raise SourceError(f"{self.vendor} does not know this key or login{said}. Is --key right?")
        if status == 403:
            raise SourceError(f"{self.vendor} does not allow {method} {path} with this key or login{said}.")
        if status >= 400:
            raise SourceError(f"{self.vendor} answered {status} to {method} {path}{said}.")
        if not isinstance(found, dict | list):
            raise SourceError(self.strange(path, "no JSON"))
        return found

    def strange(self, path: str, what: str) -> str:
        """That an answer is not as the vendor's documentation has it."""
        return f"{self.base}{path} does not answer as {self.vendor} does: {what}. Is --url the address of its API?"

    def rows(self, found: Any, path: str) -> list[dict[str, Any]]:
        """The objects of a list that a path answered. Raises SourceError for anything else."""
        if not isinstance(found, list):
            raise SourceError(self.strange(path, "there is no list in it"))
        return [one for one in found if isinstance(one, dict)]


def _seconds(text: str | None) -> float:
    """`Retry-After`, in seconds or as a date; 30 where it is missing."""
    if not text:
        return 30.0
    if text.strip().replace(".", "", 1).isdigit():
        return max(0.0, float(text))
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return 30.0


def _origin(location: str) -> str:
    parts = urlsplit(location)
    return f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else location[:200] or "another address"


def _words(found: Any) -> str:
    """What a refusal says, in brackets."""
    if not isinstance(found, dict):
        return ""
    error = found.get("error")
    told = error.get("message") if isinstance(error, dict) else error
    text = told if isinstance(told, str) else found.get("message")
    return f" ({text[:200].rstrip('.')})" if isinstance(text, str) and text else ""


class Source(ABC):
    """One vendor's API, or another Jackfield's in that vendor's words. Raises SourceError throughout."""

    dialect: ClassVar[str]
    vendor: ClassVar[str]
    not_shown: ClassVar[tuple[str, ...]]
    """What cannot come, because the vendor's API does not show it: said in every report."""

    def __init__(self, url: str, key: str, login: Login | None = None, waiting: Waiting | None = None) -> None:
        self._login = login
        self._key = key
        self.web = Web(self.vendor, self.base_of(url.rstrip("/")), {}, waiting)
        self.notes: list[str] = []
        """What turned out on the way not to be shown."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.web.base!r})"

    @staticmethod
    @abstractmethod
    def base_of(url: str) -> str:
        """The address before the documented paths."""

    @abstractmethod
    async def begin(self) -> str:
        """Log in, and see whether this is what it should be; gives whose account it is, for people."""

    @abstractmethod
    async def labels(self) -> Labels:
        """All lists and tags."""

    @abstractmethod
    def people(self, cursor: str | None) -> AsyncIterator[Batch[Person]]:
        """All contacts, from a cursor on."""

    # What not every vendor has; who does not show it says so in `not_shown`.

    async def numbers(self) -> list[Number]:
        """The connected numbers."""
        return []

    async def templates(self) -> list[Template]:
        """All templates."""
        return []

    async def hooks(self) -> list[Hook]:
        """All webhooks."""
        return []

    async def team(self) -> list[Colleague]:
        """Who logs in."""
        return []

    async def replies(self) -> list[Reply]:
        """All canned replies, with our placeholders."""
        return []

    async def noted(self, cursor: str | None) -> AsyncIterator[Batch[Noted]]:
        """Notes about contacts, from a cursor on."""
        nothing: tuple[Batch[Noted], ...] = ()
        for batch in nothing:
            yield batch

    async def triggered(self) -> list[Triggered]:
        """API campaigns that are not over, the oldest first."""
        return []

    async def planned(self) -> list[Planned]:
        """Messages that wait for their time."""
        return []

    async def close(self) -> None:
        """End the connections."""
        await self.web.close()

    def note(self, text: str) -> None:
        """Remember once what is not shown."""
        if text not in self.notes:
            self.notes.append(text)


def template_of(row: dict[str, Any]) -> Template | None:
    """A template, from a row with Meta's components; None for one that is something else."""
    name, language, components = text(row.get("name")), text(row.get("language")), row.get("components")
    if name is None or language is None or not isinstance(components, list):
        return None
    parts = [one for one in components if isinstance(one, dict)]
    variables = [found for part in parts for found in _VARIABLE.findall(str(part.get("text") or ""))]
    return Template(
        id=text(row.get("id")) or text(row.get("_id")) or name,
        name=name,
        language=language,
        category=text(row.get("category")) or "UTILITY",
        status=(text(row.get("status")) or "APPROVED").upper(),
        components=parts,
        named=any(not one.isdigit() for one in variables),
    )


_VARIABLE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def texts(given: Any) -> list[str]:
    """Names, from a list of names or of objects with names."""
    if not isinstance(given, list):
        return []
    found = [one.get("name") if isinstance(one, dict) else one for one in given]
    return [one.strip() for one in found if isinstance(one, str) and one.strip()]


def text(given: Any) -> str | None:
    """A text; numbers are texts too."""
    if isinstance(given, bool) or given is None:
        return None
    found = str(given).strip() if isinstance(given, str | int | float) else ""
    return found or None


def flag(given: Any) -> bool | None:
    """A truth value, also as 0, 1 or a word."""
    if isinstance(given, bool):
        return given
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    return words.get(str(given).strip().lower()) if given is not None else None


def values(given: Any) -> dict[str, str]:
    """Custom fields, from an object, or a list of objects with name and value."""
    if isinstance(given, list):
        pairs = [(one.get("name"), one.get("value")) for one in given if isinstance(one, dict)]
    else:
        pairs = list(given.items()) if isinstance(given, dict) else []
    found: dict[str, str] = {}
    for name, value in pairs:
        if not isinstance(name, str) or not name.strip() or value is None or value == "":
            continue
        plain = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        found[name.strip()] = plain
    return found


def digits(given: Any) -> str | None:
    """A phone number that stands with its country code, with a plus; also out of a WhatsApp address."""
    plain = text(given)
    if plain is None:
        return None
    bare = plain.partition("@")[0] if plain.endswith(("@c.us", "@s.whatsapp.net")) else plain
    return f"+{bare}" if bare.isascii() and bare.isdigit() and not bare.startswith("0") else bare


def is_person(address: Any) -> bool:
    """Whether an address is a phone's: no group, channel or hidden number."""
    plain = (text(address) or "").removesuffix("@c.us").removesuffix("@s.whatsapp.net").removeprefix("+")
    return plain.isascii() and plain.isdigit() and 7 <= len(plain) <= 15
