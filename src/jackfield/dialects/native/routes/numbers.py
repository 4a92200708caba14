"""A profile at its provider: the number's standing, the business profile, registration."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI
from pydantic import Field

from jackfield.core import ChannelView, Principal

from ..._kit import Str, Wire, parse_id
from .. import answers, shapes
from ..context import Context, example
from ..envelope import Ok, ok

Text = Annotated[Str | None, Field(max_length=512)]


class BusinessBody(Wire):
    """What people see of the business; fields that are left out stay."""

    model_config = example(about="Soup since 1987", websites=["https://example.com"])

    about: Annotated[Str | None, Field(max_length=139)] = None
    address: Annotated[Str | None, Field(max_length=256)] = None
    description: Text = None
    email: Annotated[Str | None, Field(max_length=128)] = None
    websites: Annotated[list[Annotated[Str, Field(max_length=256)]] | None, Field(max_length=2)] = None
    vertical: Annotated[Str | None, Field(max_length=40, description="The trade, such as RETAIL.")] = None
    picture: Annotated[
        Str | int | None, Field(description="Id of a picture from `POST /media`, jpeg or png, best 640 x 640.")
    ] = None


class PinBody(Wire):
    """The number's two-step PIN."""

    model_config = example(pin="123456")

    pin: Annotated[Str, Field(pattern=r"^[0-9]{6}$", description="Six digits; it is sent on and not kept.")]


def business(fields: dict[str, Any]) -> answers.Business:
    """A business profile as the API shows it."""
    return {
        "about": fields.get("about") or None,
        "address": fields.get("address") or None,
        "description": fields.get("description") or None,
        "email": fields.get("email") or None,
        "websites": fields.get("websites") or [],
        "vertical": fields.get("vertical") or None,
        "pictureUrl": fields.get("profile_picture_url") or None,
    }


def register(app: FastAPI, context: Context) -> None:
    """Add the routes."""
    provider = context.core.at_provider
    Reader = Annotated[Principal, Depends(context.allow("channels:read"))]
    Writer = Annotated[Principal, Depends(context.allow("channels:write"))]
    tags: list[Any] = ["Profiles"]

    async def find(caller: Principal, given: str) -> ChannelView:
        return await context.channel(caller, parse_id(given, "profile", "PROFILE_NOT_FOUND"))

    @app.get("/profiles/{id}/account", tags=tags, summary="The number at its provider")
    async def get_account(id: str, caller: Reader) -> Ok[answers.ProviderAccount]:
        """
        The number as the provider describes it now: quality, messages per second, and how many people may be written to
        per 24 hours (-1: no limit). `raw` is the provider's own answer.
        """
        row = await find(caller, id)
        info = await provider.account(caller.workspace_id, row.id)
        return ok(
            {
                "id": str(row.id),
                "address": info.address,
                "name": info.name,
                "quality": info.quality,
                "throughput": info.throughput,
                "messagingLimit": info.messaging_limit,
                "raw": info.raw,
            }
        )

    @app.get("/profiles/{id}/business", tags=tags, summary="Get the business profile")
    async def get_business_profile(id: str, caller: Reader) -> Ok[answers.Business]:
        """What people see of the business behind the number."""
        row = await find(caller, id)
        return ok(business(await provider.business_profile(caller.workspace_id, row.id)))

    @app.put("/profiles/{id}/business", tags=tags, summary="Change the business profile")
    @app.patch("/profiles/{id}/business", tags=tags, summary="Change the business profile", include_in_schema=False)
    async def update_business_profile(id: str, body: BusinessBody, caller: Writer) -> Ok[answers.Business]:
        """Change what people see of the business. The provider's refusal is a 400 `PROVIDER_REFUSED`."""
        row = await find(caller, id)
        fields = body.model_dump(exclude_none=True)
        picture = fields.pop("picture", None)
        if picture is not None:
            fields["profile_picture"] = f"media:{picture}"
        return ok(business(await provider.update_business_profile(caller.workspace_id, row.id, fields)))

    @app.post("/profiles/{id}/register", tags=tags, summary="Register the number")
    async def register_number(id: str, body: PinBody, caller: Writer) -> Ok[answers.Profile]:
        """
        Register a WhatsApp Cloud number with its two-step PIN, which cures error 133010, and connect the profile. What
        waited for it goes out.
        """
        row = await find(caller, id)
        return ok(shapes.profile(await provider.register(caller.workspace_id, row.id, body.pin)))
