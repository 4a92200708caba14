"""Webhooks: one method for each call.

Written from the OpenAPI document by `make docs`; do not change it here.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict, Unpack

from jackfield.client._call import Call, Pages
from jackfield.client._resource import Paging, Resource, quoted

from .answers_4 import Deleted, Delivery, DeliveryDetails
from .answers_5 import EventTypes
from .answers_6 import Replayed, RotatedWebhook
from .answers_7 import TestDelivery, Webhook
from .inputs_4 import ReplayBody, RotateBody
from .inputs_5 import WebhookBody, WebhookChange


class ListWebhooksQuery(Paging):
    """What list_webhooks may be told."""

    profileId: NotRequired[str | None]
    format: NotRequired[str | None]


_ListDeliveriesQuery = TypedDict("_ListDeliveriesQuery", {"from": "NotRequired[str | None]"})


class ListDeliveriesQuery(Paging, _ListDeliveriesQuery):
    """What list_deliveries may be told."""

    status: NotRequired[str | None]
    event: NotRequired[str | None]
    until: NotRequired[str | None]


class WebhooksCalls(Resource):
    """Webhooks: all calls."""

    def list_event_types(self) -> Call[EventTypes]:
        """All event types, and the formats in which they can be had."""
        return self._call(EventTypes, "GET", "/webhooks/events")

    def list_webhooks(self, **given: Unpack[ListWebhooksQuery]) -> Pages[Webhook]:
        """Subscriptions, newest first."""
        return self._pages(Webhook, "/webhooks", given)

    def create_webhook(self, *, key: str | None = None, **given: Unpack[WebhookBody]) -> Call[Webhook]:
        """Subscribe. The answer shows the secret with which deliveries are signed."""
        return self._call(Webhook, "POST", "/webhooks", given, key=key)

    def get_webhook(self, id_: str, /) -> Call[Webhook]:
        """One subscription."""
        return self._call(Webhook, "GET", f"/webhooks/{quoted(id_)}")

    def update_webhook(self, id_: str, /, **given: Unpack[WebhookChange]) -> Call[Webhook]:
        """Change what is given; `enabled: true` switches on one that was disabled after failures."""
        return self._call(Webhook, "PATCH", f"/webhooks/{quoted(id_)}", given)

    def delete_webhook(self, id_: str, /) -> Call[Deleted]:
        """Forget a subscription and its log."""
        return self._call(Deleted, "DELETE", f"/webhooks/{quoted(id_)}")

    def test_webhook(self, id_: str, /) -> Call[TestDelivery]:
        """Deliver a `webhook.test` event now, once, whatever the subscription; answers with what came back."""
        return self._call(TestDelivery, "POST", f"/webhooks/{quoted(id_)}/test")

    def rotate_webhook_secret(self, id_: str, /, **given: Unpack[RotateBody]) -> Call[RotatedWebhook]:
        """A new secret; the old one signs along for 24 hours."""
        return self._call(RotatedWebhook, "POST", f"/webhooks/{quoted(id_)}/rotate", given)

    def list_deliveries(self, id_: str, /, **given: Unpack[ListDeliveriesQuery]) -> Pages[Delivery]:
        """Deliveries, newest first; `status=failed` gives those given up and those to be tried again."""
        return self._pages(Delivery, f"/webhooks/{quoted(id_)}/deliveries", given)

    def replay_failed_deliveries(self, id_: str, /, **given: Unpack[ReplayBody]) -> Call[Replayed]:
        """Deliver again what was given up or waits after a failure."""
        return self._call(Replayed, "POST", f"/webhooks/{quoted(id_)}/replay", given)

    def get_delivery(self, id_: str, delivery_id: str, /) -> Call[DeliveryDetails]:
        """One delivery, with the event that it carries as this API tells it (a webhook of another format has had
        it in that format's words)."""
        return self._call(DeliveryDetails, "GET", f"/webhooks/{quoted(id_)}/deliveries/{quoted(delivery_id)}")

    def replay_delivery(self, id_: str, delivery_id: str, /) -> Call[Delivery]:
        """Deliver once more, at once."""
        return self._call(Delivery, "POST", f"/webhooks/{quoted(id_)}/deliveries/{quoted(delivery_id)}/replay")
