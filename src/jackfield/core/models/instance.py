"""What belongs to the installation and to no workspace."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from ...db.base import Base, Ms, SealedStr


class InstanceSecret(Base):
    """A secret that the installation made for itself; it outlives a change of the secret key, which seals it anew.

    The row `pseudonyms` keys the hashes of addresses that are not to be known any more. Whether it opens also tells
    whether the database was sealed with the secret key in use.
    """

    __tablename__ = "instance_secrets"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[SealedStr]
    created_at: Mapped[Ms]


class SchemaFact(Base):
    """What a version needs to know of a schema that a newer one made. The row `works_from` names the first revision whose
    code works with the schema as it is; only migrations write it."""

    __tablename__ = "schema_facts"

    name: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[str]
