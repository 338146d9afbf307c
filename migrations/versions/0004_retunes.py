"""Re-tunes, what results rest on, and when they are looked at again

Revision ID: 0004_retunes
Revises: 0003_memory
"""

import sqlalchemy as sa
from alembic import op

revision = "0004_retunes"
down_revision = "0003_memory"
branch_labels = None
depends_on = None

Id = sa.String(length=36).with_variant(sa.Uuid(as_uuid=False), "postgresql")
Json = sa.JSON(none_as_null=True)


def upgrade() -> None:
    scheduled = sa.text("retune_at IS NOT NULL")
    with op.batch_alter_table("studies") as table:
        table.add_column(sa.Column("fingerprint", Json))
        table.add_column(sa.Column("retune_at", sa.Double()))
        table.create_index("ix_studies_retune_at", ["retune_at"], sqlite_where=scheduled, postgresql_where=scheduled)
    op.create_table(
        "retunes",
        sa.Column("id", Id, nullable=False),
        sa.Column("study_id", Id, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("trigger", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("canary_id", Id, nullable=False),
        sa.Column("successor_id", Id),
        sa.Column("plan", Json, nullable=False),
        sa.Column("verdict", Json),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("decided_at", sa.Double()),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_retunes_study_id_studies"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retunes")),
    )
    is_open = sa.text("state = 'canary'")
    with op.batch_alter_table("retunes") as table:
        table.create_index(
            "uq_retunes_open_study", ["study_id"], unique=True, sqlite_where=is_open, postgresql_where=is_open
        )
        table.create_index("ix_retunes_study_id", ["study_id", "created_at"])


def downgrade() -> None:
    op.drop_table("retunes")
    with op.batch_alter_table("studies") as table:
        table.drop_index("ix_studies_retune_at")
        table.drop_column("retune_at")
        table.drop_column("fingerprint")
