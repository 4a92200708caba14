"""Short links: each recipient of a campaign that asks for it gets links of their own, so that it is known who pressed one."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit

import msgspec
from sqlalchemy import func, select, update
from yarl import URL

from ..ground import fields
from ..ground.events import LinkClicked
from ..ground.unit import Unit
from ..ledger.submit import insert_ignoring
from ..models import LEDGER, Campaign, CampaignLink, ShortLink, of_campaign
from ..port.content import Content, encode, fill, links_in, personalise, with_links
from .base import Part
from .views import CampaignView

PATH: Final = "/l/"
CODE_CHARS: Final = 10
"""Of 62 each: 59 bits, so that nobody finds a link by trying."""
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CODE: Final = re.compile(rf"[0-9A-Za-z]{{{CODE_CHARS}}}", re.ASCII)
_ASCII: Final = "".join(map(chr, range(33, 127)))
MAX_TARGET: Final = 2000
MAX_LINKS: Final = 50
"""Links of one campaign that are followed; what comes after them stays as it is."""
OPTION: Final = "track_links"


class LinkRow(msgspec.Struct, kw_only=True, frozen=True):
    """A link of a campaign as its content has it. `recipients` got it, `clicked` of them pressed it, `clicks` times in all;
    `machines` counts visits of previews and robots. Times are Unix ms, None before the first click."""

    id: int
    url: str
    recipients: int
    clicked: int
    clicks: int
    machines: int
    first_at: int | None
    last_at: int | None


class Click(msgspec.Struct, kw_only=True, frozen=True):
    """Somebody, or a machine, follows a short link at a time (Unix ms)."""

    code: str
    at: int
    is_machine: bool = False


def check_public_url(options: Mapping[str, Any], kind: str, public_url: str) -> None:
    """That a campaign's links can be made short where it asks for it. Raises Invalid."""
    if not options.get(OPTION):
        return
    if not public_url:
        raise fields.refuse(OPTION, "Short links need an address that people reach: set JACKFIELD_PUBLIC_URL.")
    if kind != "broadcast":
        raise fields.refuse(OPTION, "Is for campaigns to an audience only.")


class Shortener:
    """Makes the links of one campaign short, step by step. What it makes is inserted by `save`, in the transaction of the
    rows: a repeated step leaves out both, so a recipient's message and links stay together."""

    def __init__(self, campaign: Campaign, content: Content, public_url: str) -> None:
        self._campaign = campaign
        self._content = content
        self._base = public_url.rstrip("/") + PATH
        self._links = links_in(content)[:MAX_LINKS]
        self._made: list[tuple[int, dict[str, Any]]] = []

    def content_for(self, slot: str, contact_id: int | None, variables: Mapping[str, Any] | None) -> str | None:
        """The stored content of a recipient's message; None where it has no link to make short."""
        instead: dict[str, str] = {}
        values = variables or {}
        for number, link in enumerate(self._links):
            target = target_of(fill(link, values))
            if target is None or target.startswith(self._base):
                continue
            code = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_CHARS))
            instead[link] = self._base + code
            self._made.append((number, {"code": code, "slot": slot, "contact_id": contact_id, "target": target}))
        if not instead:
            return None
        content = with_links(self._content, instead)
        return encode(personalise(content, values) if values else content)

    async def save(self, unit: Unit) -> None:
        """Insert the short links that were made, and the links that they are of."""
        if not self._made:
            return
        shared = {"workspace_id": self._campaign.workspace_id, "campaign_id": self._campaign.id, "created_at": unit.now}
        used = sorted({number for number, _ in self._made})
        await insert_ignoring(
            unit, CampaignLink, [{**shared, "number": number, "url": self._links[number]} for number in used]
        )
        known = await unit.conn.execute(
            select(CampaignLink.number, CampaignLink.id).where(CampaignLink.campaign_id == self._campaign.id)
        )
        ids = {row.number: row.id for row in known}
        rows = [
            {**shared, **made, "link_id": ids[number], "clicks": 0, "machines": 0, "first_at": None, "last_at": None}
            for number, made in self._made
        ]
        await insert_ignoring(unit, ShortLink, rows)
        self._made.clear()


def target_of(link: str) -> str | None:
    """A link's address as a browser is sent to it, in ASCII; None for what is no address with http or https and a host."""
    if len(link) > MAX_TARGET or not link.lower().startswith(("http://", "https://")):
        return None
    if any(char <= " " or char == "\x7f" for char in link):
        return None
    try:
        parts = urlsplit(link)
        parsed = URL(f"{parts.scheme}://{parts.netloc}")
        host, port = parsed.raw_host, parsed.port
    except ValueError:
        return None
    # What is ASCII already is taken letter by letter: a signed address stays valid.
    rest = quote(link[len(parts.scheme) + 3 + len(parts.netloc) :], safe=_ASCII)
    shown = f"{parts.scheme}://{parsed.raw_authority}{rest}"
    return shown if host and port and shown.isascii() and len(shown) <= MAX_TARGET else None


class Links(Part):
    """The part that tells who pressed which link."""

    async def links(self, campaign: CampaignView) -> Sequence[LinkRow]:
        """A campaign's links in the order of its content, with how often each was pressed, counted now."""
        query = (
            select(
                CampaignLink.id,
                CampaignLink.url,
                func.count(ShortLink.id).label("recipients"),
                func.count(ShortLink.first_at).label("clicked"),
                func.coalesce(func.sum(ShortLink.clicks), 0).label("clicks"),
                func.coalesce(func.sum(ShortLink.machines), 0).label("machines"),
                func.min(ShortLink.first_at).label("first_at"),
                func.max(ShortLink.last_at).label("last_at"),
            )
            .outerjoin(ShortLink, ShortLink.link_id == CampaignLink.id)
            .where(CampaignLink.campaign_id == campaign.id)
            .group_by(CampaignLink.id, CampaignLink.url, CampaignLink.number)
            .order_by(CampaignLink.number)
        )
        async with self._store.db.read() as session:
            rows = (await session.execute(query)).all()
        return [
            LinkRow(
                id=row.id,
                url=row.url,
                recipients=row.recipients,
                clicked=row.clicked,
                clicks=int(row.clicks),
                machines=int(row.machines),
                first_at=row.first_at,
                last_at=row.last_at,
            )
            for row in rows
        ]

    async def clicked(self, campaign: CampaignView) -> int:
        """How many of a campaign's recipients have pressed a link of it."""
        query = select(func.count(ShortLink.slot.distinct())).where(
            ShortLink.campaign_id == campaign.id, ShortLink.first_at.is_not(None)
        )
        async with self._store.db.read() as session:
            return int(await session.scalar(query) or 0)

    async def target(self, code: str) -> str | None:
        """Where a short link leads; None for one that there is not."""
        if not _CODE.fullmatch(code):
            return None
        async with self._store.db.read() as session:
            found: str | None = await session.scalar(select(ShortLink.target).where(ShortLink.code == code))
        return found

    async def count_click(self, click: Click) -> None:
        """Note that a short link was followed: many in one transaction, with what else is written. The first time that a
        person follows one is told (link.clicked)."""
        await self._store.submit(_count_batch, click)


async def _count_batch(unit: Unit, clicks: Sequence[Click]) -> Sequence[bool]:
    """Handler of the group commit; True where it was a person's first."""
    firsts: set[str] = set()
    found: dict[str, list[Click]] = {}
    for click in clicks:
        found.setdefault(click.code, []).append(click)
    # In one order everywhere, so that two processes never wait for each other's rows.
    for code in sorted(found):
        people = sorted(one.at for one in found[code] if not one.is_machine)
        machines = len(found[code]) - len(people)
        mine = ShortLink.code == code
        if people:
            first = update(ShortLink).where(mine, ShortLink.first_at.is_(None)).values(first_at=people[0])
            if (await unit.conn.execute(first)).rowcount:
                firsts.add(code)
        values: dict[str, Any] = {"machines": ShortLink.machines + machines, "clicks": ShortLink.clicks + len(people)}
        if people:
            values["last_at"] = people[-1]
        await unit.conn.execute(update(ShortLink).where(mine).values(values))
    await _tell(unit, firsts)
    return [not one.is_machine and one.code in firsts for one in clicks]


async def _tell(unit: Unit, codes: set[str]) -> None:
    if not codes:
        return
    found: list[Any] = []
    for model in LEDGER:
        query = (
            select(ShortLink, CampaignLink.url, model.id, model.peer, model.contact_id, model.channel_id, Campaign.name)
            .join(CampaignLink, CampaignLink.id == ShortLink.link_id)
            .join(Campaign, Campaign.id == ShortLink.campaign_id)
            .join(model, of_campaign(ShortLink.campaign_id, model) & (model.slot == ShortLink.slot))
            .where(ShortLink.code.in_(codes))
            .order_by(ShortLink.id)
        )
        found += (await unit.session.execute(query)).all()
    for link, url, message_id, peer, contact_id, channel_id, name in sorted(found, key=lambda one: one[0].id):
        event = LinkClicked(
            id=link.link_id,
            url=url,
            target=link.target,
            campaign_id=link.campaign_id,
            campaign_name=name,
            message_id=message_id,
            peer=peer,
            contact_id=contact_id,
            timestamp=link.first_at or unit.now,
        )
        unit.emit(link.workspace_id, event, channel_id)
