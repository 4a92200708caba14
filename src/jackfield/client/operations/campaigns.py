"""Campaigns: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_3 import Campaign, CampaignFigures, CampaignLink, CampaignPreview
from .answers_4 import Deleted, Message
from .answers_6 import Reach
from .answers_7 import TestMessage, TimelineRow, Triggered
from .inputs_1 import AudienceBody
from .inputs_3 import CampaignBody, CampaignChange, CampaignPreviewBody, CampaignScheduleBody, CopyBody
from .inputs_4 import PauseBody
from .inputs_5 import TestBody, TriggerBody


class ListCampaignsQuery(Paging):
    """What list_campaigns may be told."""

    status: NotRequired[str | None]
    kind: NotRequired[str | None]
    profileId: NotRequired[str | None]
    name: NotRequired[str | None]
    sort: NotRequired[str]


class ListCampaignRecipientsQuery(Paging):
    """What list_campaign_recipients may be told."""

    status: NotRequired[str | None]
    reason: NotRequired[str | None]
    replied: NotRequired[bool | None]
    clicked: NotRequired[bool | None]


class ExportCampaignQuery(TypedDict):
    """What export_campaign may be told."""

    status: NotRequired[str | None]
    reason: NotRequired[str | None]
    replied: NotRequired[bool | None]
    clicked: NotRequired[bool | None]
    format: NotRequired[Literal["csv", "xlsx"]]


class GetCampaignTimelineQuery(TypedDict):
    """What get_campaign_timeline may be told."""

    bucket: NotRequired[Literal["minute", "hour", "day"]]


class ExportCampaignTimelineQuery(TypedDict):
    """What export_campaign_timeline may be told."""

    bucket: NotRequired[Literal["minute", "hour", "day"]]
    format: NotRequired[Literal["csv", "xlsx"]]


class ExportCampaignLinksQuery(TypedDict):
    """What export_campaign_links may be told."""

    format: NotRequired[Literal["csv", "xlsx"]]


class CampaignsCalls(Resource):
    """Campaigns: all calls."""

    def create_campaign(self, *, key: str | None = None, **given: Unpack[CampaignBody]) -> Call[Campaign]:
        """Create a campaign; it starts at once unless `start` is false or `scheduledAt` lies ahead."""
        return self._call(Campaign, "POST", "/campaigns", given, key=key)

    def list_campaigns(self, **given: Unpack[ListCampaignsQuery]) -> Pages[Campaign]:
        """Campaigns, newest first, with their counts."""
        return self._pages(Campaign, "/campaigns", given)

    def get_campaign(self, id_: str, /) -> Call[Campaign]:
        """A campaign with its counts: `sent` contains delivered and read, as in a funnel."""
        return self._call(Campaign, "GET", f"/campaigns/{quoted(id_)}")

    def update_campaign(self, id_: str, /, **given: Unpack[CampaignChange]) -> Call[Campaign]:
        """Change a campaign that has not started."""
        return self._call(Campaign, "PATCH", f"/campaigns/{quoted(id_)}", given)

    def delete_campaign(self, id_: str, /) -> Call[Deleted]:
        """Delete a campaign that has not started. One that has keeps its messages: cancel it instead."""
        return self._call(Deleted, "DELETE", f"/campaigns/{quoted(id_)}")

    def list_campaign_recipients(self, id_: str, /, **given: Unpack[ListCampaignRecipientsQuery]) -> Pages[Message]:
        """Who got it, who did not, and why. All filters hold together."""
        return self._pages(Message, f"/campaigns/{quoted(id_)}/recipients", given)

    def start_campaign(self, id_: str, /) -> Call[Campaign]:
        """Start a draft or scheduled campaign now."""
        return self._call(Campaign, "POST", f"/campaigns/{quoted(id_)}/start")

    def pause_campaign(self, id_: str, /, **given: Unpack[PauseBody]) -> Call[Campaign]:
        """Stop sending within a second; nothing is lost."""
        return self._call(Campaign, "POST", f"/campaigns/{quoted(id_)}/pause", given)

    def resume_campaign(self, id_: str, /) -> Call[Campaign]:
        """Go on where it was paused."""
        return self._call(Campaign, "POST", f"/campaigns/{quoted(id_)}/resume")

    def cancel_campaign(self, id_: str, /) -> Call[Campaign]:
        """Never send what has not gone out yet."""
        return self._call(Campaign, "POST", f"/campaigns/{quoted(id_)}/cancel")

    def count_audience(self, **given: Unpack[AudienceBody]) -> Call[Reach]:
        """How many contacts an audience has now."""
        return self._call(Reach, "POST", "/campaigns/audience", given)

    def preview_campaign(self, **given: Unpack[CampaignPreviewBody]) -> Call[CampaignPreview]:
        """Whom a campaign would reach, and how many contacts lack a value for which placeholder; nothing is
        made."""
        return self._call(CampaignPreview, "POST", "/campaigns/preview", given)

    def get_campaign_stats(self, id_: str, /) -> Call[CampaignFigures]:
        """Counts by status, as a funnel; how many have replied; and what the failures were, the most frequent
        first. `held` says why a running campaign waits, and until when."""
        return self._call(CampaignFigures, "GET", f"/campaigns/{quoted(id_)}/stats")

    def export_campaign(self, id_: str, /, **given: Unpack[ExportCampaignQuery]) -> Call[bytes]:
        """Recipients with status and reason; filters as for the list of them. Phone numbers are as
        `+628123456789` in both formats, and no cell is taken for a formula."""
        return self._call(bytes, "GET", f"/campaigns/{quoted(id_)}/export", **given)

    def schedule_campaign(self, id_: str, /, **given: Unpack[CampaignScheduleBody]) -> Call[Campaign]:
        """Have it start at a time."""
        return self._call(Campaign, "POST", f"/campaigns/{quoted(id_)}/schedule", given)

    def duplicate_campaign(self, id_: str, /, **given: Unpack[CopyBody]) -> Call[Campaign]:
        """A draft of the same content and audience."""
        return self._call(Campaign, "POST", f"/campaigns/{quoted(id_)}/duplicate", given)

    def test_campaign(self, id_: str, /, **given: Unpack[TestBody]) -> Call[TestMessage]:
        """Send the campaign's content to one address, as a single message."""
        return self._call(TestMessage, "POST", f"/campaigns/{quoted(id_)}/test", given)

    def trigger_campaign(self, id_: str, /, **given: Unpack[TriggerBody]) -> Call[Triggered]:
        """Send a campaign of kind `api` to one contact."""
        return self._call(Triggered, "POST", f"/campaigns/{quoted(id_)}/trigger", given)

    def get_campaign_timeline(self, id_: str, /, **given: Unpack[GetCampaignTimelineQuery]) -> Call[list[TimelineRow]]:
        """How many messages were sent, delivered, read and failed in each span of time (UTC); spans without any
        are left out. A message that was read counts in the span of each of its times."""
        return self._call(list[TimelineRow], "GET", f"/campaigns/{quoted(id_)}/timeline", **given)

    def export_campaign_timeline(self, id_: str, /, **given: Unpack[ExportCampaignTimelineQuery]) -> Call[bytes]:
        """The timeline as a file; times are UTC."""
        return self._call(bytes, "GET", f"/campaigns/{quoted(id_)}/timeline/export", **given)

    def list_campaign_links(self, id_: str, /) -> Call[list[CampaignLink]]:
        """How often each link was followed, where the campaign tracks them (`trackLinks`). Visits of previews
        and robots are counted apart. Who they are is told by the recipients' filter `clicked`."""
        return self._call(list[CampaignLink], "GET", f"/campaigns/{quoted(id_)}/links")

    def export_campaign_links(self, id_: str, /, **given: Unpack[ExportCampaignLinksQuery]) -> Call[bytes]:
        """The links with their figures as a file."""
        return self._call(bytes, "GET", f"/campaigns/{quoted(id_)}/links/export", **given)
