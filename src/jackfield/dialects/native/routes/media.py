"""Files: uploaded, described, downloaded."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, File, Request, Response, UploadFile

from jackfield.core import MediaView, Principal, kind_for

from ..._files import file_response
from ..._kit import parse_id
from .. import answers
from ..context import Context, Pages, numbers
from ..envelope import Ok, Paged, deleted, iso, ok, paged


def file_of(context: Context, row: MediaView, request: Request) -> answers.File:
    """A stored file, with a link that works for an hour."""
    link, expires = context.core.media.link(row, context.options.public_url or str(request.base_url).split("/api")[0])
    return {
        "id": str(row.id),
        "mediaId": str(row.id),
        "type": kind_for(row.mime),
        "mime": row.mime,
        "size": row.size,
        "filename": row.filename,
        "sha256": row.sha256,
        "url": link,
        "urlExpiresAt": iso(expires),
        "createdAt": iso(row.created_at),
    }


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("media:read"))]
    Writer = Annotated[Principal, Depends(context.allow("media:write"))]
    tags: list[Any] = ["Media"]

    async def find(caller: Principal, given: str) -> MediaView:
        row = await core.media.get(caller.workspace_id, parse_id(given, "media", "MEDIA_NOT_FOUND"))
        if row.channel_id is not None:
            caller.channel(row.channel_id)
        return row

    @app.get("/media", tags=tags, summary="List files")
    async def list_media(caller: Reader, paging: Pages, request: Request) -> Paged[answers.File]:
        """Files that were uploaded or came in, newest first."""
        page = await core.media.list(caller.workspace_id, channel_id=caller.channel_id, **numbers(paging))
        return paged(page, [file_of(context, row, request) for row in page.items])

    @app.post("/media", tags=tags, summary="Upload a file", status_code=201)
    async def upload_media(
        caller: Writer, request: Request, file: Annotated[UploadFile, File(description="Any file.")]
    ) -> Ok[answers.File]:
        """Keep a file to be sent as `mediaId` (or as `url` `media:ID`); its link works for an hour."""
        row = await core.media.store(
            caller.workspace_id, await file.read(), mime=file.content_type, filename=file.filename
        )
        return ok(file_of(context, row, request), 201)

    @app.get("/media/{id}", tags=tags, summary="Describe a file")
    async def get_media(id: str, caller: Reader, request: Request) -> Ok[answers.File]:
        """Type, size, name, and a link that works for an hour."""
        return ok(file_of(context, await find(caller, id), request))

    @app.get(
        "/media/{id}/download",
        tags=tags,
        summary="Download a file",
        responses={200: {"content": {"application/octet-stream": {}}}},
        response_class=Response,
    )
    async def download_media(id: str, caller: Reader) -> Response:
        """The file itself."""
        row = await find(caller, id)
        return file_response(core, row, row.filename or str(row.id), kind="attachment")

    @app.delete("/media/{id}", tags=tags, summary="Delete a file")
    async def delete_media(id: str, caller: Writer) -> Ok[answers.Deleted]:
        """Messages that wait to send it will fail."""
        row = await find(caller, id)
        await core.media.delete(caller.workspace_id, row.id)
        return deleted(row.id)
