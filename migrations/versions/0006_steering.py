"""Nudges, what a trial descends from, and orders that an agent has heard

Revision ID: 0006_steering
Revises: 0005_checkpoints
"""

import sqlalchemy as sa
from alembic import op

revision = "0006_steering"
down_revision = "0005_checkpoints"
branch_labels = None
depends_on = None

Id = sa.String(length=36).with_variant(sa.Uuid(as_uuid=False), "postgresql")
Json = sa.JSON(none_as_null=True)


def upgrade() -> None:
    op.create_table(
        "nudges",
        sa.Column("id", Id, nullable=False),
        sa.Column("study_id", Id, nullable=False),
        sa.Column("trial_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("old", Json, nullable=False),
        sa.Column("new", Json, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("made_after", sa.Double(), nullable=True),
        sa.Column("step", sa.Double(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("twin", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("settled_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_nudges_study_id_studies"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["trials.id"], name=op.f("fk_nudges_trial_id_trials"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nudges")),
    )
    op.create_index("ix_nudges_trial_id", "nudges", ["trial_id", "created_at"])
    op.create_index("ix_nudges_study_id", "nudges", ["study_id", "created_at"])
    with op.batch_alter_table("attempts") as attempts:
        attempts.add_column(sa.Column("nudge", Id, nullable=True))
        attempts.add_column(sa.Column("told", sa.String(length=200), nullable=True))
    with op.batch_alter_table("trials") as trials:
        trials.add_column(sa.Column("touched", sa.Boolean(), nullable=False, server_default=sa.false()))
        trials.add_column(sa.Column("parent", sa.Integer(), nullable=True))
        trials.add_column(sa.Column("start_from", Id, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("trials") as trials:
        for column in ("start_from", "parent", "touched"):
            trials.drop_column(column)
    with op.batch_alter_table("attempts") as attempts:
        for column in ("told", "nudge"):
            attempts.drop_column(column)
    op.drop_table("nudges")
