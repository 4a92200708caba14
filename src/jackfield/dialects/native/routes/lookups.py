"""What a connected profile can tell of others: their pictures, and the number behind a LID."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI

from jackfield.core import CanResolve, CanShowPicture, Principal

from ..._jids import to_jid
from ..._kit import parse_id
from ..._strict import told_as
from .. import answers
from ..checks import invalid
from ..context import Context
from ..envelope import Ok, ok


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    core = context.core
    Reader = Annotated[Principal, Depends(context.allow("contacts:read"))]
    tags: list[Any] = ["Contacts"]

    @app.get("/profiles/{id}/picture/{address}", tags=tags, summary="Somebody's picture")
    async def get_picture(id: str, address: str, caller: Reader) -> Ok[answers.Picture]:
        """Where the picture of a phone number or chat id is, as the network shows it to this profile; null where there
        is none, or none for us. 422 UNSUPPORTED where the engine cannot tell."""
        channel = await context.channel(caller, parse_id(id, "profile", "PROFILE_NOT_FOUND"))
        with told_as("address"):
            peer, _ = core.networks.parse(channel.engine, address)
        session = core.channels.session(channel, CanShowPicture)  # type: ignore[type-abstract]
        return ok({"id": to_jid(peer), "url": await session.picture(peer)})

    @app.get("/profiles/{id}/lid/{lid}", tags=tags, summary="The number behind a LID")
    async def get_phone_of_lid(id: str, lid: str, caller: Reader) -> Ok[answers.Lid]:
        """WhatsApp shows some people by a linked id (LID) only; `phone` is null where it has not told this profile
        their number. 422 UNSUPPORTED where the engine has no LIDs."""
        channel = await context.channel(caller, parse_id(id, "profile", "PROFILE_NOT_FOUND"))
        given = lid.removesuffix("@lid")
        if not (given.isascii() and given.isdigit() and 5 <= len(given) <= 30):
            raise invalid("lid", "Give a LID: digits, with or without @lid.")
        session = core.channels.session(channel, CanResolve)  # type: ignore[type-abstract]
        return ok({"lid": f"{given}@lid", "phone": await session.phone_of(f"{given}@lid")})
