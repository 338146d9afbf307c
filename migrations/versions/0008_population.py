"""Trials that go on from another's checkpoint

Revision ID: 0008_population
Revises: 0007_kept_counters
"""

import sqlalchemy as sa
from alembic import op

revision = "0008_population"
down_revision = "0007_kept_counters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("nudges") as nudges:
        nudges.add_column(sa.Column("copied", sa.JSON(none_as_null=True), nullable=True))
    with op.batch_alter_table("trials") as trials:
        trials.add_column(sa.Column("copied_after", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("trials") as trials:
        trials.drop_column("copied_after")
    with op.batch_alter_table("nudges") as nudges:
        nudges.drop_column("copied")
