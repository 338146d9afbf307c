"""Checkpoints of trials, and the step that an attempt goes on from

Revision ID: 0005_checkpoints
Revises: 0004_retunes
"""

import sqlalchemy as sa
from alembic import op

revision = "0005_checkpoints"
down_revision = "0004_retunes"
branch_labels = None
depends_on = None

Id = sa.String(length=36).with_variant(sa.Uuid(as_uuid=False), "postgresql")
REMOVING = "state = 'removing'"


def upgrade() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("id", Id, nullable=False),
        sa.Column("study_id", Id, nullable=False),
        sa.Column("trial_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Double(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("agent_id", Id, nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("removed_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_checkpoints_study_id_studies"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["trials.id"], name=op.f("fk_checkpoints_trial_id_trials"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoints")),
    )
    op.create_index("ix_checkpoints_study_id", "checkpoints", ["study_id", "created_at"])
    op.create_index("uq_checkpoints_trial_id_seq", "checkpoints", ["trial_id", "attempt", "seq"], unique=True)
    op.create_index(
        "ix_checkpoints_removing",
        "checkpoints",
        ["agent_id"],
        sqlite_where=sa.text(REMOVING),
        postgresql_where=sa.text(REMOVING),
    )
    with op.batch_alter_table("attempts") as attempts:
        attempts.add_column(sa.Column("from_step", sa.Double(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("attempts") as attempts:
        attempts.drop_column("from_step")
    op.drop_table("checkpoints")
