"""Templates: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_4 import Deleted
from .answers_7 import TemplateDetails, TemplateInfo, TemplateParameter, TemplatePreview, TemplatesSynced
from .inputs_4 import NewTemplateBody, OnProfileBody, PreviewBody
from .inputs_5 import TemplateChange, TemplateCopyBody


class ListTemplatesQuery(Paging):
    """What list_templates may be told."""

    profileId: NotRequired[str | None]
    name: NotRequired[str | None]
    language: NotRequired[str | None]
    status: NotRequired[str | None]
    category: NotRequired[str | None]
    quality: NotRequired[str | None]
    search: NotRequired[str | None]


class TemplatesCalls(Resource):
    """Templates: all calls."""

    def list_templates(self, **given: Unpack[ListTemplatesQuery]) -> Pages[TemplateInfo]:
        """Templates as the provider lists them; read anew when a profile connects, hourly, and by
        `/templates/sync`."""
        return self._pages(TemplateInfo, "/templates", given)

    def create_template(self, **given: Unpack[NewTemplateBody]) -> Call[TemplateInfo]:
        """Submit a template for the provider's review."""
        return self._call(TemplateInfo, "POST", "/templates", given)

    def sync_templates(self, **given: Unpack[OnProfileBody]) -> Call[TemplatesSynced]:
        """Read a profile's templates anew."""
        return self._call(TemplatesSynced, "POST", "/templates/sync", given)

    def get_template(self, id_: str, /) -> Call[TemplateDetails]:
        """One template, with the values that a message of it must give."""
        return self._call(TemplateDetails, "GET", f"/templates/{quoted(id_)}")

    def update_template(self, id_: str, /, **given: Unpack[TemplateChange]) -> Call[TemplateInfo]:
        """Change components or category at the provider."""
        return self._call(TemplateInfo, "PATCH", f"/templates/{quoted(id_)}", given)

    def delete_template(self, id_: str, /) -> Call[Deleted]:
        """Delete this language of a template at the provider."""
        return self._call(Deleted, "DELETE", f"/templates/{quoted(id_)}")

    def list_template_parameters(self, id_: str, /) -> Call[list[TemplateParameter]]:
        """What a message of this template must give: place, kind, key, and the example it was approved with."""
        return self._call(list[TemplateParameter], "GET", f"/templates/{quoted(id_)}/parameters")

    def preview_template(self, id_: str, /, **given: Unpack[PreviewBody]) -> Call[TemplatePreview]:
        """How the recipient sees it. Values that do not fit are refused as a send would be."""
        return self._call(TemplatePreview, "POST", f"/templates/{quoted(id_)}/preview", given)

    def duplicate_template(self, id_: str, /, **given: Unpack[TemplateCopyBody]) -> Call[TemplateInfo]:
        """Submit a template of the same language, category and components under another name."""
        return self._call(TemplateInfo, "POST", f"/templates/{quoted(id_)}/duplicate", given)
