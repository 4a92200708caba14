"""Tags, files and catalogs."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from jackfield.core import CanDownload, ChannelView, JackfieldError, MediaView, NotFound, Principal, SendError

from ..._openapi import Answer
from .. import answers, ids, params, shapes
from ..context import Context
from ..envelope import iso, ok, pagination

MOST = 100
"""Catalogs or products per page."""


def register(api: APIRouter, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Contacts = Annotated[Principal, Depends(context.allow("contacts:read"))]
    Media = Annotated[Principal, Depends(context.allow("media:read"))]
    Catalogs = Annotated[Principal, Depends(context.allow("catalogs:read"))]

    @api.get("/settings/tags", tags=["Settings"], summary="Get all tags")
    async def list_tags(caller: Contacts) -> Answer[answers.Tags]:
        """All tags, the newest first."""
        found = sorted(await core.contacts.tags.all(caller.workspace_id), key=lambda one: -one.id)
        return ok("Tags retrieved successfully.", {"tags": [shapes.tag(one) for one in found], "total": len(found)})

    @api.get("/media", tags=["Media"], summary="Get a link to a file")
    async def get_media_link(request: Request, caller: Media) -> Answer[answers.Media]:
        """A link to the file with this media id (the provider's, or ours) that works for an hour."""
        media_id = params.must(request.query_params, "id", maximum=200).strip()
        row = await _file(context, caller, media_id.removeprefix("media:"))
        url, expires = core.media.link(row, context.files(request))
        return ok(
            "Media retrieved successfully",
            {"mediaId": media_id, "mediaUrl": url, "mimeType": row.mime, "expiresAt": iso(expires)},
        )

    @api.get("/catalogs", tags=["Catalogs"], summary="List catalogs")
    async def list_catalogs(request: Request, caller: Catalogs) -> Answer[answers.Catalogs]:
        """Catalogs of the WhatsApp Business Account: `page`, `limit` (default 10), `search`."""
        query = request.query_params
        page, limit = _page(query, 10)
        channel = await context.channel(caller)
        found = await core.catalogs.list(
            caller.workspace_id,
            channel.id,
            search=params.text(query, "search", maximum=200),
            page=page,
            limit=limit,
            total=True,
        )
        selected = await core.catalogs.selected(caller.workspace_id, channel.id)
        return ok(
            "Catalogs fetched successfully",
            {
                "catalogs": [shapes.catalog(row) for row in found.items],
                "selectedCatalogId": selected.provider_id if selected is not None else None,
                "waBusinessPortfolioId": await _portfolio(context, channel),
                "pagination": pagination(found.total or 0, page, limit, "totalResults"),
            },
        )

    @api.get("/catalogs/{catalogId}/products", tags=["Catalogs"], summary="List products")
    async def list_products(catalogId: str, request: Request, caller: Catalogs) -> Answer[answers.Products]:
        """Products of a catalog, one per variant: `page`, `limit` (default 20), `search`."""
        query = request.query_params
        page, limit = _page(query, 20)
        channel = await context.channel(caller)
        catalog = await core.catalogs.find(caller.workspace_id, channel.id, params.plain(catalogId, "catalogId", 100))
        found = await core.catalogs.products(
            caller.workspace_id,
            catalog.id,
            search=params.text(query, "search", maximum=200),
            page=page,
            limit=limit,
            total=True,
        )
        return ok(
            "Products fetched successfully",
            {
                "products": [shapes.product(one, catalog.provider_id) for one in found.items],
                "catalogId": catalog.provider_id,
                "catalogName": catalog.name,
                "pagination": pagination(found.total or 0, page, limit, "totalResults"),
            },
        )


def _page(query: Mapping[str, str], default: int) -> tuple[int, int]:
    return params.integer(query.get("page"), "page", 1), min(params.integer(query.get("limit"), "limit", default), MOST)


async def _portfolio(context: Context, channel: ChannelView) -> str:
    """The business portfolio, where the provider says so; else the business account."""
    known = (channel.account or {}).get("portfolio_id")
    if known:
        return str(known)
    try:
        await context.core.channels.loaded(channel.engine)
        return str(getattr(context.core.channels.config_of(channel), "waba_id", None) or "")
    except (JackfieldError, ValueError):
        return ""


async def _file(context: Context, caller: Principal, media_id: str) -> MediaView:
    """A file by the provider's id, by our 24-hex id or by our number. Raises NotFound."""
    core = context.core
    row = await core.media.by_provider(caller.workspace_id, media_id)
    if row is not None:
        return row
    if ids.looks_like(media_id):
        with ids.named("Media", media_id):
            row = await core.media.get(caller.workspace_id, ids.decode(media_id, "Media"))
        ids.check(media_id, row.created_at, row.id, "Media")
        return row
    channel = await context.channel(caller)
    # Not fetched yet: the provider still has it, perhaps.
    try:
        session = core.channels.session(channel, CanDownload)  # type: ignore[type-abstract]
        data, mime = await session.download(media_id)
        return await core.media.store(
            caller.workspace_id, data, mime=mime, channel_id=channel.id, provider_media_id=media_id
        )
    except (SendError, JackfieldError):
        pass
    if media_id.isascii() and media_id.isdigit() and len(media_id) < 19:
        return await core.media.get(caller.workspace_id, int(media_id))
    raise NotFound(f"There is no media {media_id!r}.", code="MEDIA_NOT_FOUND")
