"""`Templates`: listed from the cache, changed at the provider, synchronised when a channel connects and hourly."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, delete, func, select

from ...db.base import now_ms
from ..channels.service import Channels
from ..channels.views import AnyChannel, ChannelView
from ..contacts.find.filters import like
from ..ground import fields
from ..ground.errors import Conflict, Invalid, NotFound, Rejected, SendError, Unsupported
from ..ground.events import TemplateChanged
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.unit import Unit
from ..ground.views import view_of
from ..models import Channel, Template
from ..port import CanTemplate, TemplateInfo, claims
from ..port import content as c
from . import unchecked
from .compose import Values, compose
from .params import Parameter, check, lane_of, required
from .preview import Preview, preview
from .views import TemplateView

NOT_FOUND = "TEMPLATE_NOT_FOUND"
FRESH_MS = 30_000
"""How often a name that is not in the cache is looked for at the provider, per channel."""
CATEGORIES = ("AUTHENTICATION", "MARKETING", "UTILITY")
FORMATS = ("POSITIONAL", "NAMED")
Components: TypeAlias = list[dict[str, Any]]
"""In Meta's shape."""


class Templates:
    """The service. Names are the provider's; ids are ours."""

    def __init__(self, store: Store, channels: Channels) -> None:
        self._store = store
        self._channels = channels
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._asked: dict[int, int] = {}
        self._unreadable: dict[int, str] = {}
        """Why the last reading failed, by channel."""
        self._answered: Counter[int] = Counter()

    # -- reading -------------------------------------------------------------------------------------

    async def list(
        self,
        workspace_id: int,
        *,
        channel_id: int | None = None,
        name: str | None = None,
        language: str | None = None,
        status: str | None = None,
        category: str | None = None,
        quality: str | None = None,
        search: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
        page: int | None = None,
        total: bool = False,
    ) -> Page[TemplateView]:
        """Templates in the order in which the provider lists them; `search` looks in the name.

        Raises Unsupported when the channel's engine has no templates, Invalid for a bad limit, page or cursor.
        """
        if channel_id is not None:
            await self._capable(workspace_id, channel_id)
        query = select(Template).where(Template.workspace_id == workspace_id)
        wanted: list[tuple[Any, str | int | None]] = [
            (Template.channel_id, channel_id),
            (Template.name, name),
            (Template.language, language),
            (Template.status, status.upper() if status else None),
            (Template.category, category.upper() if category else None),
            (Template.quality, quality.upper() if quality else None),
        ]
        for column, value in wanted:
            if value is not None:
                query = query.where(column == value)
        if search:
            query = query.where(Template.name.ilike(like(search), escape="\\"))
        async with self._store.db.read() as session:
            return await page_by_id(
                session,
                query,
                Template.id,
                _view,
                limit=limit,
                cursor=cursor,
                page=page,
                newest_first=False,
                total=total,
            )

    async def count(self, workspace_id: int, channel_id: int) -> int:
        """How many templates a channel has."""
        async with self._store.db.read() as session:
            query = (
                select(func.count())
                .select_from(Template)
                .where(Template.workspace_id == workspace_id, Template.channel_id == channel_id)
            )
            return int((await session.execute(query)).scalar_one())

    async def get(self, workspace_id: int, template_id: int) -> TemplateView:
        """One template by our id. Raises NotFound."""
        async with self._store.db.read() as session:
            row = await session.get(Template, fields.row_id(template_id))
        if row is None or row.workspace_id != workspace_id:
            raise NotFound(f"There is no template {template_id}.", code=NOT_FOUND)
        return _view(row)

    async def find(
        self, workspace_id: int, channel_id: int, name: str, language: str | None = None, *, to_send: bool = False
    ) -> TemplateView:
        """A channel's template by name; without a language the approved one that was made first.

        A name that is not known is looked for at the provider, at most every 30 s. Where the provider does not let us read
        the templates, one `to_send` is taken as it is named (`unchecked.unknown`): the provider's word counts. Raises
        Unsupported, NotFound that says which languages there are, and Conflict when no template has been read at all.
        """
        channel = await self._capable(workspace_id, channel_id)
        answered = self._answered[channel_id]
        row, languages = await self._find(channel_id, name, language)
        if row is None and await self._look_again(channel, answered):
            row, languages = await self._find(channel_id, name, language)
        if row is None:
            if not await self.count(workspace_id, channel_id):
                why = self._unreadable.get(channel_id)
                if why is not None and to_send and language:
                    return unchecked.unknown(workspace_id, channel_id, name, language)
                if why is not None:
                    hint = " Name the language to send it unchecked." if to_send else ""
                    raise Conflict(
                        f"The templates of {channel.name!r} cannot be read: {why.rstrip('.')}.{hint}",
                        code="TEMPLATES_UNREADABLE",
                    )
                if not self._is_reachable(channel):
                    raise Conflict(
                        f"The templates of {channel.name!r} have not been read yet: they are once the profile is connected.",
                        code="PROFILE_NOT_CONNECTED",
                    )
            message = f"There is no template {name[:100]!r}"
            if languages:
                message += f" in {language!r}; it exists in {', '.join(languages)}"
            raise NotFound(f"{message}.", code=NOT_FOUND)
        return row

    async def _find(
        self, channel_id: int, name: str, language: str | None
    ) -> tuple[TemplateView | None, Sequence[str]]:
        async with self._store.db.read() as session:
            query = select(Template).where(Template.channel_id == channel_id, Template.name == name)
            rows = list((await session.execute(query.order_by(Template.id))).scalars())
        fit = [row for row in rows if language is None or row.language == language]
        fit.sort(key=lambda row: row.status != "APPROVED")
        return (_view(fit[0]) if fit else None), [row.language for row in rows]

    def _is_reachable(self, channel: AnyChannel) -> bool:
        """Whether there is a session to ask the provider by, here or at another process."""
        return channel.id in self._channels.live or self._channels.is_elsewhere(channel)

    async def _look_again(self, channel: AnyChannel, answered: int) -> bool:
        """Whether there is something newer than after `answered` readings; asks the provider where that is due."""
        if self._locks[channel.id].locked():
            # It is being read right now, as after a first connection.
            async with self._locks[channel.id]:
                pass
        if self._answered[channel.id] != answered:
            return True
        if not self._is_reachable(channel) or now_ms() - self._asked.get(channel.id, 0) < FRESH_MS:
            return False
        try:
            await self.sync_channel(channel.id)
        except Exception:  # the cache is what there is, then
            return False
        return True

    # -- values --------------------------------------------------------------------------------------

    @staticmethod
    def required(template: TemplateView) -> Sequence[Parameter]:
        """What a message of this template must give, with the examples it was approved with."""
        return required(template)

    @staticmethod
    def compose(template: TemplateView, values: Values) -> c.Template:
        """A message of flat values, checked. Raises Invalid (TEMPLATE_PARAMS) that names what is wrong."""
        if template.id == unchecked.ID:
            return unchecked.compose_unchecked(template, values)
        content = compose(template, values)
        check(content, template)
        return content

    @staticmethod
    def check(content: c.Template, template: TemplateView) -> None:
        """Raises Invalid (TEMPLATE_PARAMS) that names the parameter that is missing or has no place."""
        check(content, template)

    @staticmethod
    def preview(template: TemplateView, content: c.Template | None = None) -> Preview:
        """How it reads with these values, or with its examples."""
        return preview(template, content)

    @staticmethod
    def lane(template: TemplateView) -> str:
        """The category under which its messages are sent."""
        return lane_of(template)

    async def check_content(self, workspace_id: int, channel_id: int, content: c.Template) -> TemplateView:
        """The template that a message names, once the message fits it. Raises Unsupported, NotFound, Invalid."""
        row = await self.find(workspace_id, channel_id, content.name, content.language, to_send=True)
        if row.id != unchecked.ID:
            check(content, row)
        return row

    # -- changing, at the provider first --------------------------------------------------------------

    async def create(
        self,
        workspace_id: int,
        channel_id: int,
        *,
        name: str,
        language: str,
        category: str,
        components: Components,
        parameter_format: str = "POSITIONAL",
    ) -> TemplateView:
        """Submit a template for review. Raises Unsupported, Invalid (also the provider's refusal), SendError."""
        channel = await self._capable(workspace_id, channel_id)
        name = fields.text("name", name, maximum=512)
        language = fields.text("language", language, maximum=16)
        category = fields.choice("category", str(category).upper(), CATEGORIES)
        parameter_format = fields.choice("parameterFormat", str(parameter_format).upper(), FORMATS)
        check_components(components)
        session = self._channels.session(channel, CanTemplate)  # type: ignore[type-abstract]
        async with self._locks[channel_id]:
            try:
                info = await session.create_template(name, language, category, components, parameter_format)
            except Rejected as error:
                raise refused(error) from error
            async with self._store.unit() as unit:
                await self._keep(unit, channel, [info])
        row, _ = await self._find(channel_id, info.name, info.language)
        assert row is not None
        return row

    async def edit(
        self,
        workspace_id: int,
        template_id: int,
        *,
        components: Components | None = None,
        category: str | None = None,
    ) -> TemplateView:
        """Change a template; the provider reviews it again. Raises NotFound, Unsupported, Invalid, SendError."""
        row = await self.get(workspace_id, template_id)
        channel = await self._capable(workspace_id, row.channel_id)
        if components is None and category is None:
            raise Invalid("components: give components or a category", details={"components": ["Nothing to change."]})
        if components is not None:
            check_components(components)
        if category is not None:
            category = fields.choice("category", str(category).upper(), CATEGORIES)
        if row.provider_id is None:
            raise Conflict("The provider has not taken this template yet.", code="TEMPLATE_PENDING")
        session = self._channels.session(channel, CanTemplate)  # type: ignore[type-abstract]
        try:
            await session.edit_template(row.provider_id, components, category)
        except Rejected as error:
            raise refused(error) from error
        await self.sync_channel(channel.id)
        return await self.get(workspace_id, template_id)

    async def delete(self, workspace_id: int, template_id: int) -> None:
        """Delete one language of a template. Raises NotFound, Unsupported, Invalid, SendError."""
        row = await self.get(workspace_id, template_id)
        channel = await self._capable(workspace_id, row.channel_id)
        session = self._channels.session(channel, CanTemplate)  # type: ignore[type-abstract]
        async with self._locks[channel.id]:
            try:
                await session.delete_template(row.name, row.provider_id)
            except Rejected as error:
                raise refused(error) from error
            async with self._store.unit() as unit:
                await unit.conn.execute(delete(Template).where(Template.id == row.id))

    # -- the cache -----------------------------------------------------------------------------------

    async def sync_channel(self, channel_id: int) -> int:
        """Read a channel's templates from the provider; gives how many there are.

        Raises NotFound, Unsupported, Conflict when the channel is not connected, SendError.
        """
        async with self._store.db.read() as session:
            channel = await session.get(Channel, fields.row_id(channel_id))
        if channel is None:
            raise NotFound(f"There is no profile {channel_id}.", code="PROFILE_NOT_FOUND")
        provider = self._channels.session(channel, CanTemplate)  # type: ignore[type-abstract]
        async with self._locks[channel_id]:
            self._asked[channel_id] = now_ms()
            try:
                infos = await provider.list_templates()
            except SendError as error:
                self._unreadable[channel_id] = error.message
                raise
            self._unreadable.pop(channel_id, None)
            async with self._store.unit() as unit:
                await self._keep(unit, channel, infos)
                there = {(info.name, info.language) for info in infos}
                gone = [
                    row.id
                    for row in await unit.conn.execute(
                        select(Template.id, Template.name, Template.language).where(Template.channel_id == channel_id)
                    )
                    if (row.name, row.language) not in there
                ]
                for start in range(0, len(gone), 500):
                    await unit.conn.execute(delete(Template).where(Template.id.in_(gone[start : start + 500])))
            self._answered[channel_id] += 1
        return len(infos)

    async def _keep(self, unit: Unit, channel: AnyChannel, infos: Sequence[TemplateInfo]) -> None:
        """Write what the provider says; a change of status, quality or category is told as an event."""
        ours: ColumnElement[bool] = Template.channel_id == channel.id
        known = {
            (row.name, row.language): row
            for row in (await unit.session.execute(select(Template).where(ours))).scalars()
        }
        for info in infos:
            values: dict[str, Any] = {
                "provider_id": info.provider_id,
                "category": info.category.upper(),
                "status": info.status.upper(),
                "quality": info.quality,
                "parameter_format": info.parameter_format.upper(),
                "rejected_reason": info.rejected_reason,
                "components": info.components,
            }
            row = known.get((info.name, info.language))
            if row is None:
                unit.session.add(
                    Template(
                        workspace_id=channel.workspace_id,
                        channel_id=channel.id,
                        name=info.name,
                        language=info.language,
                        created_at=unit.now,
                        updated_at=unit.now,
                        **values,
                    )
                )
                continue
            changed = {key: value for key, value in values.items() if getattr(row, key) != value}
            if not changed:
                continue
            for key, value in changed.items():
                setattr(row, key, value)
            row.updated_at = unit.now
            if changed.keys() & {"status", "quality", "category"}:
                unit.emit(
                    channel.workspace_id,
                    TemplateChanged(
                        name=row.name,
                        language=row.language,
                        status=changed.get("status"),
                        quality=changed.get("quality"),
                        category=changed.get("category"),
                        reason=row.rejected_reason,
                    ),
                    channel.id,
                )
        await unit.session.flush()

    async def _capable(self, workspace_id: int, channel_id: int) -> ChannelView:
        channel = await self._channels.get(workspace_id, channel_id)
        engine = await self._channels.loaded(channel.engine)
        if "templates" not in claims(engine.session_type):
            raise Unsupported(
                f"The engine {channel.engine} cannot do this (it has no templates).",
                details={"capability": "templates"},
            )
        return channel


def _view(row: Template) -> TemplateView:
    return view_of(TemplateView, row)


def check_components(components: Any) -> None:
    """Raises Invalid unless these are components in Meta's shape: a list of objects, each with its type."""
    good = isinstance(components, list) and components
    if not good or not all(isinstance(one, Mapping) and isinstance(one.get("type"), str) for one in components):
        raise Invalid(
            "components: a list of objects with a type",
            details={"components": ["Must be a list of objects, each with its type (HEADER, BODY, ...)."]},
        )


def refused(error: Rejected) -> Invalid:
    """The provider's refusal, as an error of the request."""
    return Invalid(f"The provider refused the template: {error.message}", code="TEMPLATE_REJECTED", details=error.code)
