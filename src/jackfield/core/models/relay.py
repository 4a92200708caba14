"""Who copies the events to where else they are read, and how far."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Ms


class Relay(Base):
    """A copying of events that one process does at a time (see `webhooks.relay`).

    The lease is as that of a channel: `owner` until `until`, `token` grows with each change. `cursor` is the id up to which
    all was copied, `start` that at which it began: what is older is never copied.
    """

    __tablename__ = "relays"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str | None]
    token: Mapped[int]
    until: Mapped[Ms]
    start: Mapped[int]
    cursor: Mapped[int]
