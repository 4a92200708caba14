"""Automations and sequences"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0190"
down_revision = "0181"
branch_labels = None
depends_on = None

BIG = sa.BigInteger()
KEY = BIG.with_variant(sa.Integer(), "sqlite")


def _column(name: str, type_: object = BIG, *, null: bool = False) -> sa.Column[object]:
    return sa.Column(name, type_, nullable=null)  # type: ignore[arg-type]


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete="CASCADE")


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    text = sa.Text()
    op.create_table(
        "automations",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        _column("workspace_id", KEY),
        _column("name", text),
        _column("folded", text),
        _column("kind", text),
        _column("enabled", sa.Boolean()),
        _column("enabled_at"),
        _column("version"),
        _column("document", text),
        _column("hook_hash", text, null=True),
        _column("hook_token", sa.LargeBinary(), null=True),
        _column("failures"),
        _column("rest_reason", text, null=True),
        _column("next_at", null=True),
        _column("created_at"),
        _column("updated_at"),
        _refers("automations", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automations")),
        sa.UniqueConstraint("workspace_id", "folded", name=op.f("uq_automations_workspace_id_folded")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_automations_workspace_id", "automations", ["workspace_id", "id"], unique=False)
    op.create_index("uq_automations_hook_hash", "automations", ["hook_hash"], unique=True)
    _partial("ix_automations_next_at", "automations", ["next_at"], "next_at IS NOT NULL")
    op.create_table(
        "automation_versions",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        _column("workspace_id", KEY),
        _column("automation_id", KEY),
        _column("version"),
        _column("document", text),
        _column("created_at"),
        _refers("automation_versions", "workspace_id", "workspaces"),
        _refers("automation_versions", "automation_id", "automations"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_versions")),
        sa.UniqueConstraint("automation_id", "version", name=op.f("uq_automation_versions_automation_id_version")),
        sqlite_autoincrement=True,
    )
    _runs()
    op.create_table(
        "automation_matches",
        sa.Column("event_id", BIG, autoincrement=False, nullable=False),
        sa.Column("automation_id", KEY, autoincrement=False, nullable=False),
        _refers("automation_matches", "automation_id", "automations"),
        sa.PrimaryKeyConstraint("event_id", "automation_id", name=op.f("pk_automation_matches")),
    )
    op.create_index("ix_automation_matches_automation_id", "automation_matches", ["automation_id"], unique=False)
    op.create_table(
        "automation_positions",
        _column("name", text),
        _column("event_id"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_automation_positions")),
    )
    op.create_table(
        "automation_rests",
        sa.Column("chat_id", KEY, autoincrement=False, nullable=False),
        _column("workspace_id", KEY),
        _column("until"),
        _refers("automation_rests", "chat_id", "chats"),
        _refers("automation_rests", "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_automation_rests")),
    )


def _runs() -> None:
    text = sa.Text()
    runs, steps = "automation_runs", "automation_steps"
    op.create_table(
        runs,
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        _column("workspace_id", KEY),
        _column("automation_id", KEY),
        _column("version"),
        _column("contact_id", KEY),
        _column("channel_id", null=True),
        _column("peer", text, null=True),
        _column("state", text),
        _column("step", text),
        _column("visit"),
        _column("due_at", null=True),
        _column("waits_for", text, null=True),
        _column("variables", text),
        _column("reason", text, null=True),
        _column("created_at"),
        _column("updated_at"),
        _column("ended_at", null=True),
        _refers(runs, "workspace_id", "workspaces"),
        _refers(runs, "automation_id", "automations"),
        _refers(runs, "contact_id", "contacts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_runs")),
        sqlite_autoincrement=True,
    )
    live = "state IN ('waiting', 'running')"
    _partial("uq_automation_runs_live", runs, ["automation_id", "contact_id"], live, unique=True)
    _partial("ix_automation_runs_due", runs, ["due_at", "id"], "due_at IS NOT NULL")
    _partial("ix_automation_runs_awaited", runs, ["channel_id", "peer"], "waits_for IS NOT NULL")
    op.create_index("ix_automation_runs_automation_id", runs, ["automation_id", "id"], unique=False)
    op.create_index("ix_automation_runs_contact_id", runs, ["contact_id", "automation_id", "created_at"], unique=False)
    op.create_index("ix_automation_runs_workspace_id", runs, ["workspace_id", "id"], unique=False)
    op.create_table(
        steps,
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        _column("workspace_id", KEY),
        _column("automation_id", KEY),
        _column("run_id", KEY),
        _column("visit"),
        _column("step", text),
        _column("outcome", text),
        _column("reason", text, null=True),
        _column("message_id", null=True),
        _column("created_at"),
        _refers(steps, "workspace_id", "workspaces"),
        _refers(steps, "automation_id", "automations"),
        _refers(steps, "run_id", "automation_runs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_steps")),
        sa.UniqueConstraint("run_id", "visit", name=op.f("uq_automation_steps_run_id_visit")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_automation_steps_automation_id", steps, ["automation_id", "step", "outcome"], unique=False)


def downgrade() -> None:
    for table in (
        "automation_rests",
        "automation_positions",
        "automation_matches",
        "automation_steps",
        "automation_runs",
        "automation_versions",
        "automations",
    ):
        op.drop_table(table)
