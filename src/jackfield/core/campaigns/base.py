"""What all parts of the service share: what they use, and how one campaign is found."""

from __future__ import annotations

from sqlalchemy import select

from ..contacts import Contacts
from ..contacts.consent.may_send import Consent
from ..ground.errors import Invalid, NotFound
from ..ground.store import Store
from ..ground.unit import Unit
from ..ledger import states
from ..ledger.service import Messages
from ..models import Campaign
from .views import CampaignView, campaign_view


class Part:
    """A part of the service `Campaigns`."""

    def __init__(self, store: Store, contacts: Contacts, messages: Messages, consent: Consent) -> None:
        self._store = store
        self._consent = consent
        self._contacts = contacts
        self._messages = messages

    async def get(self, workspace_id: int, campaign_id: int) -> CampaignView:
        """One campaign. Raises NotFound."""
        async with self._store.db.read() as session:
            row = await session.get(Campaign, campaign_id)
        if row is None or row.workspace_id != workspace_id:
            raise not_found(campaign_id)
        return campaign_view(row)


async def locked(unit: Unit, workspace_id: int, campaign_id: int) -> Campaign:
    """A campaign that nobody else changes until the unit ends. Raises NotFound."""
    row = (
        await unit.session.execute(
            select(Campaign)
            .where(Campaign.id == campaign_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).scalar_one_or_none()
    if row is None or row.workspace_id != workspace_id:
        raise not_found(campaign_id)
    return row


def not_found(campaign_id: int) -> NotFound:
    """The error for a campaign that this workspace does not have."""
    return NotFound(f"There is no campaign {campaign_id}.", code="CAMPAIGN_NOT_FOUND")


def check_name(name: str) -> str:
    """A campaign's name without spaces around it. Raises Invalid."""
    name = name.strip()
    if not 1 <= len(name) <= 200:
        raise Invalid("name: 1 to 200 characters", details={"name": ["Must be 1 to 200 characters."]})
    return name


def check_category(category: str) -> None:
    """Raises Invalid for an unknown category."""
    if category not in states.LANES:
        known = ", ".join(states.LANES)
        raise Invalid(f"category: one of {known}", details={"category": [f"Must be one of {known}."]})
