"""Files by the links that we hand out."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jackfield.core import Core, NotFound
from jackfield.dialects._files import file_response

from .envelope import error_response


def media_route(core: Core) -> Route:
    """`/media/{id}`: a file, for whoever has a link to it that is signed by us and has not expired."""

    async def endpoint(request: Request) -> Response:
        media_id, query = request.path_params["id"], request.query_params
        expires = query.get("expires", "")
        try:
            if not (_is_number(media_id, 18) and _is_number(expires, 14)):
                raise NotFound("This link is not valid.")
            file = await core.media.open_link(int(media_id), int(expires), query.get("signature", ""))
        except NotFound:
            return error_response(404, "MEDIA_NOT_FOUND", "The link has expired.")
        return file_response(core, file, file.filename or str(file.id))

    return Route("/media/{id}", endpoint, methods=["GET"])


def _is_number(text: str, digits: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= digits
