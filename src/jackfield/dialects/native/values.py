"""Values of a template, as requests give them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from jackfield.core import ButtonValue, CardValues, Location, Values

from .._kit import Str, Wire
from .times import parse_time


def _text(value: object) -> object:
    """A number as the text of it; anything else as it is."""
    return f"{value}" if isinstance(value, int | float) and not isinstance(value, bool) else value


Value = Annotated[Str, BeforeValidator(_text, json_schema_input_type=str | int | float)]
"""Text for which a number is taken too."""
Number = Annotated[float, Field(allow_inf_nan=False)]
Link = Annotated[Str | None, Field(max_length=4096, description="http or https link to the file.")]
Words = Annotated[list[Value], Field(max_length=50)] | dict[Str, Value]


class PlaceBody(Wire):
    """The place that a location header shows, in degrees."""

    latitude: Annotated[Number, Field(ge=-90, le=90)]
    longitude: Annotated[Number, Field(ge=-180, le=180)]
    name: Annotated[Str | None, Field(max_length=1000)] = None
    address: Annotated[Str | None, Field(max_length=1000)] = None


class ButtonBody(Wire):
    """One button's value: what flow, catalog and multi-product buttons take, and any other by its place."""

    index: Annotated[int, Field(ge=0, le=9, description="The template's buttons count from 0.")]
    text: Annotated[Value | None, Field(max_length=2000, description="URL part, payload, code, or a flow's token.")] = (
        None
    )
    action: Annotated[
        dict[str, Any] | None,
        Field(
            description="In Meta's shape: `{flow_token, flow_action_data}`, `{thumbnail_product_retailer_id}`, "
            "`{thumbnail_product_retailer_id, sections: [{title, product_items: [{product_retailer_id}]}]}`."
        ),
    ] = None


Buttons = Annotated[
    list[ButtonBody],
    Field(max_length=10, description="Any button by its `index`: `text`, or `action` for flow, catalog and products."),
]


def _buttons(given: list[ButtonBody]) -> list[ButtonValue]:
    return [ButtonValue(index=one.index, text=one.text, action=one.action) for one in given]


def _file(media_id: str | int | None, link: str | None) -> str | None:
    return f"media:{media_id}" if media_id is not None else link


class CardBody(Wire):
    """One carousel card's values."""

    body: Words = Field(default_factory=list)
    link: Link = None
    media_id: Annotated[Str | int | None, Field(alias="mediaId")] = None
    urls: Annotated[list[Value], Field(max_length=10)] = Field(default_factory=list)
    quick_replies: Annotated[list[Value], Field(alias="quickReplies", max_length=10)] = Field(default_factory=list)
    code: Annotated[Value | None, Field(max_length=100)] = None
    buttons: Buttons = Field(default_factory=list)

    def values(self) -> CardValues:
        """As the core takes them."""
        return CardValues(
            body=self.body,
            link=_file(self.media_id, self.link),
            urls=self.urls,
            quick_replies=self.quick_replies,
            code=self.code,
            buttons=_buttons(self.buttons),
        )


class TemplateValues(Wire):
    """What fills a template: values by place (a list) or by name (an object)."""

    header: Words = Field(default_factory=list)
    body: Words = Field(default_factory=list)
    link: Annotated[Link, Field(description="The header's file, as a link.")] = None
    media_id: Annotated[Str | int | None, Field(alias="mediaId", description="The header's file, as uploaded.")] = None
    filename: Annotated[Str | None, Field(max_length=240)] = None
    location: Annotated[PlaceBody | None, Field(description="The place of a location header.")] = None
    urls: Annotated[list[Value], Field(max_length=10, description="Dynamic parts of URL buttons, in order.")] = Field(
        default_factory=list
    )
    quick_replies: Annotated[list[Value], Field(alias="quickReplies", max_length=10)] = Field(default_factory=list)
    code: Annotated[Value | None, Field(max_length=100, description="For copy-code and one-time-password buttons.")] = (
        None
    )
    buttons: Buttons = Field(default_factory=list)
    cards: Annotated[list[CardBody], Field(max_length=10)] = Field(default_factory=list)
    offer_expires_at: Annotated[Str | int | None, Field(alias="offerExpiresAt")] = None
    fold: Annotated[
        bool | Annotated[list[Str], Field(max_length=100)],
        Field(
            description="WhatsApp refuses line breaks, tabs and more than four spaces in a row in a value. Values chosen here "
            'are put on one line instead: true for all, or their places (`["body.1", "header.name", "cards.0.body.2"]`).'
        ),
    ] = False

    def values(self) -> Values:
        """As the core takes them."""
        place = self.location
        return Values(
            header=self.header,
            body=self.body,
            link=_file(self.media_id, self.link),
            filename=self.filename,
            location=None
            if place is None
            else Location(latitude=place.latitude, longitude=place.longitude, name=place.name, address=place.address),
            urls=self.urls,
            quick_replies=self.quick_replies,
            code=self.code,
            buttons=_buttons(self.buttons),
            cards=[one.values() for one in self.cards],
            offer_expires_at=parse_time("offerExpiresAt", self.offer_expires_at),
            fold=self.fold,
        )


class TemplateContent(TemplateValues):
    """A template by name, with its values: the `content` of messages of type template."""

    name: Annotated[Str, Field(min_length=1, max_length=512)]
    language: Annotated[Str | None, Field(max_length=16)] = None
