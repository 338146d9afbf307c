"""What trials took of memory, and what a study asks for

Revision ID: 0003_memory
Revises: 0002_origin
"""

import sqlalchemy as sa
from alembic import op

revision = "0003_memory"
down_revision = "0002_origin"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("studies") as table:
        table.add_column(sa.Column("sizing", sa.JSON(none_as_null=True)))
    with op.batch_alter_table("attempts") as table:
        table.add_column(sa.Column("memory_mb", sa.Double()))


def downgrade() -> None:
    with op.batch_alter_table("attempts") as table:
        table.drop_column("memory_mb")
    with op.batch_alter_table("studies") as table:
        table.drop_column("sizing")
