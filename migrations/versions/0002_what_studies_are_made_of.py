"""What studies are made of: parents, inherited results, versions of the space

Revision ID: 0002_origin
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002_origin"
down_revision = "0002"
branch_labels = None
depends_on = None

Id = sa.String(length=36).with_variant(sa.Uuid(as_uuid=False), "postgresql")
Json = sa.JSON(none_as_null=True)


def upgrade() -> None:
    with op.batch_alter_table("studies") as table:
        table.add_column(sa.Column("parent_id", Id))
        table.add_column(sa.Column("origin", Json))
        table.add_column(sa.Column("space_version", sa.Integer(), nullable=False, server_default="1"))
        table.create_index("ix_studies_parent_id", ["parent_id"])
    with op.batch_alter_table("trials") as table:
        table.add_column(sa.Column("space_version", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "inherited",
        sa.Column("study_id", Id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source_id", Id, nullable=False),
        sa.Column("source_number", sa.Integer(), nullable=False),
        sa.Column("params", Json, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("step", sa.Double()),
        sa.Column("unit", sa.LargeBinary()),
        sa.Column("parameter", sa.String(length=200)),
        sa.Column("why", sa.Text()),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_inherited_study_id_studies"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("study_id", "number", name=op.f("pk_inherited")),
    )


def downgrade() -> None:
    op.drop_table("inherited")
    with op.batch_alter_table("trials") as table:
        table.drop_column("space_version")
    with op.batch_alter_table("studies") as table:
        table.drop_index("ix_studies_parent_id")
        table.drop_column("space_version")
        table.drop_column("origin")
        table.drop_column("parent_id")
