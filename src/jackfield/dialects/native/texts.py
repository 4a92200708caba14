"""Texts and files as requests give them, formatted where the network can."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AliasChoices, Field, model_validator

from jackfield.core import Audio, Content, Document, Image, Sticker, Text, Video
from jackfield.core import content as contents

from .._kit import Filled, Str, Wire
from .._problems import field_error
from .values import Link, Value

MEDIA = "media:"
"""How a link to a file of our own begins; its id follows."""


def link_or_file(text: str | None) -> str | None:
    """A link that an engine may fetch: http, https, or `media:` and the id of an uploaded file."""
    if text is None or (text.startswith(MEDIA) and text[len(MEDIA) :].isdigit()):
        return text
    if not text.startswith(("http://", "https://")) or any(char.isspace() for char in text):
        raise ValueError("Must be an http or https link, or media:ID of an uploaded file.")
    return text


Caption = Annotated[Str | None, Field(max_length=4096)]
FileName = Annotated[Str | None, Field(max_length=240)]
Url = Annotated[Link, AfterValidator(link_or_file), Field(validation_alias=AliasChoices("url", "link", "mediaUrl"))]
MediaId = Annotated[
    Str | int | None,
    Field(
        validation_alias=AliasChoices("mediaId", "media_id"),
        serialization_alias="mediaId",
        description="Id of a file from `POST /media`.",
    ),
]
Label = Annotated[Str | None, Field(max_length=1000)]


class ContentBody(Wire):
    """Content of one kind."""

    def content(self) -> Content:
        """As the core takes it."""
        raise NotImplementedError


class EntityBody(Wire):
    """A formatted piece of a text. `offset` and `length` count UTF-16 code units, as JavaScript does."""

    type: Annotated[Filled, Field(max_length=40)]
    offset: Annotated[int, Field(ge=0, le=100_000)]
    length: Annotated[int, Field(ge=1, le=100_000)]
    url: Annotated[Str | None, Field(max_length=4096, description="Where a text_link leads.")] = None
    user: Annotated[Value | None, Field(max_length=40, description="Whom a text_mention names.")] = None
    language: Annotated[Str | None, Field(max_length=40)] = None
    custom_emoji_id: Annotated[Value | None, Field(alias="customEmojiId", max_length=40)] = None

    def entity(self) -> contents.Entity:
        """As the core takes it."""
        return contents.Entity(**{name: getattr(self, name) for name in type(self).model_fields})


class Formatted(ContentBody):
    """A text or caption with a look: `entities`, or a `format` whose marks the network reads (Telegram)."""

    entities: Annotated[list[EntityBody] | None, Field(max_length=100, description="Formatted pieces.")] = None
    format: Annotated[
        Literal["html", "markdown"] | None, Field(description="The text has marks, which are to be read.")
    ] = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.entities and self.format:
            raise field_error("entities", "Give entities or a format, not both.")
        return self

    def look(self) -> dict[str, Any]:
        """Entities and format, as the core takes them."""
        return {"entities": [one.entity() for one in self.entities or []], "format": self.format}


class TextContent(Formatted):
    """A text."""

    text: Annotated[Filled, Field(max_length=65536, validation_alias=AliasChoices("text", "body"))]
    preview_url: Annotated[bool, Field(alias="previewUrl", description="Show a preview of the first link.")] = True

    def content(self) -> Content:
        """As the core takes it."""
        return Text(text=self.text, preview=self.preview_url, **self.look())


class FileContent(ContentBody):
    """A file, by link or by the id of an upload."""

    url: Url = None
    media_id: MediaId = None

    @model_validator(mode="after")
    def _has_a_file(self) -> Self:
        if not self.url and self.media_id in (None, "") and not self.has_bytes:
            raise field_error("url", "Is required.")
        return self

    @property
    def has_bytes(self) -> bool:
        """Whether the file itself is in the request; only sends take it so."""
        return False

    @property
    def file(self) -> str:
        """The file as engines fetch it."""
        return self.url or f"{MEDIA}{self.media_id}"


class ImageContent(FileContent, Formatted):
    """A picture."""

    caption: Caption = None

    def content(self) -> Content:
        """As the core takes it."""
        return Image(url=self.file, caption=self.caption or None, **self.look())


class VideoContent(FileContent, Formatted):
    """A film clip."""

    caption: Caption = None

    def content(self) -> Content:
        """As the core takes it."""
        return Video(url=self.file, caption=self.caption or None, **self.look())


class DocumentContent(FileContent, Formatted):
    """Any file, shown with its name."""

    caption: Caption = None
    filename: FileName = None

    def content(self) -> Content:
        """As the core takes it."""
        return Document(url=self.file, caption=self.caption or None, filename=self.filename or None, **self.look())


class AudioContent(FileContent):
    """Sound; `voice` makes it a voice note."""

    voice: Annotated[bool, Field(validation_alias=AliasChoices("voice", "ptt"))] = False

    def content(self) -> Content:
        """As the core takes it."""
        return Audio(url=self.file, voice=self.voice)


class VoiceContent(FileContent):
    """A voice note."""

    def content(self) -> Content:
        """As the core takes it."""
        return Audio(url=self.file, voice=True)


class StickerContent(FileContent):
    """A sticker (webp)."""

    def content(self) -> Content:
        """As the core takes it."""
        return Sticker(url=self.file)


class AlbumItem(FileContent, Formatted):
    """A file of an album."""

    type: Literal["image", "video", "audio", "document"] = "image"
    caption: Caption = None
    filename: FileName = None

    def content(self) -> Content:
        """As the core takes it."""
        kinds: dict[str, type[Image | Video | Audio | Document]] = {
            "image": Image,
            "video": Video,
            "audio": Audio,
            "document": Document,
        }
        return kinds[self.type](
            url=self.file, caption=self.caption or None, filename=self.filename or None, **self.look()
        )


class AlbumContent(ContentBody):
    """Two to ten files that are shown together (Telegram)."""

    items: Annotated[list[AlbumItem], Field(min_length=2, max_length=10)]

    def content(self) -> Content:
        """As the core takes it."""
        items: list[Any] = [one.content() for one in self.items]
        return contents.Album(items=items)
