"""Values of a template, as requests give them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from jackfield.core.templates import CardValues, Values

from .._kit import Str, Wire
from .hot import parse_time

Link = Annotated[Str | None, Field(max_length=4096, description="http or https link to the file.")]
Words = Annotated[list[Str], Field(max_length=50)] | dict[Str, Str]


class CardBody(Wire):
    """One carousel card's values."""

    body: Words = Field(default_factory=list)
    link: Link = None
    urls: Annotated[list[Str], Field(max_length=10)] = Field(default_factory=list)
    quick_replies: Annotated[list[Str], Field(alias="quickReplies", max_length=10)] = Field(default_factory=list)
    code: Annotated[Str | None, Field(max_length=100)] = None


class TemplateValues(Wire):
    """What fills a template: values by place (a list) or by name (an object)."""

    header: Words = Field(default_factory=list)
    body: Words = Field(default_factory=list)
    link: Annotated[Link, Field(description="The header's file, as a link.")] = None
    media_id: Annotated[Str | int | None, Field(alias="mediaId", description="The header's file, as uploaded.")] = None
    filename: Annotated[Str | None, Field(max_length=240)] = None
    urls: Annotated[list[Str], Field(max_length=10, description="Dynamic parts of URL buttons, in order.")] = Field(
        default_factory=list
    )
    quick_replies: Annotated[list[Str], Field(alias="quickReplies", max_length=10)] = Field(default_factory=list)
    code: Annotated[Str | None, Field(max_length=100, description="For copy-code and one-time-password buttons.")] = (
        None
    )
    cards: Annotated[list[CardBody], Field(max_length=10)] = Field(default_factory=list)
    offer_expires_at: Annotated[Str | int | None, Field(alias="offerExpiresAt")] = None

    def values(self) -> Values:
        """As the core takes them."""
        return Values(
            header=self.header,
            body=self.body,
            link=f"media:{self.media_id}" if self.media_id is not None else self.link,
            filename=self.filename,
            urls=self.urls,
            quick_replies=self.quick_replies,
            code=self.code,
            cards=[
                CardValues(body=one.body, link=one.link, urls=one.urls, quick_replies=one.quick_replies, code=one.code)
                for one in self.cards
            ],
            offer_expires_at=parse_time("offerExpiresAt", self.offer_expires_at),
        )


class TemplateContent(TemplateValues):
    """A template by name, with its values: the `content` of messages of type template."""

    name: Annotated[Str, Field(min_length=1, max_length=512)]
    language: Annotated[Str | None, Field(max_length=16)] = None
