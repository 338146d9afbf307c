"""What lists show of a study is kept with it: compute time, how it came on, notes, and the words it is found by

Revision ID: 0007_kept_counters
Revises: 0006_steering
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0007_kept_counters"
down_revision = "0006_steering"
branch_labels = None
depends_on = None

Json = sa.JSON(none_as_null=True)
_MARK = "\x1e"


def upgrade() -> None:
    with op.batch_alter_table("studies") as studies:
        studies.add_column(sa.Column("compute_seconds", sa.Double(), nullable=False, server_default="0"))
        studies.add_column(sa.Column("marks", Json, nullable=True))
        studies.add_column(sa.Column("notes", sa.Text(), nullable=False, server_default=""))
        studies.add_column(sa.Column("keywords", sa.Text(), nullable=False, server_default=""))
    op.execute(
        "UPDATE studies SET compute_seconds = COALESCE("
        "(SELECT SUM(trials.seconds) FROM trials WHERE trials.study_id = studies.id), 0)"
    )
    _fill_keywords()


def downgrade() -> None:
    with op.batch_alter_table("studies") as studies:
        for column in ("keywords", "notes", "marks", "compute_seconds"):
            studies.drop_column(column)


def _fill_keywords() -> None:
    connection = op.get_bind()
    for study_id, name, spec in connection.execute(sa.text("SELECT id, name, spec FROM studies")).all():
        document = json.loads(spec) if isinstance(spec, str) else spec
        labels = [f"{key}={value}" for key, value in (document.get("labels") or {}).items()]
        words = _MARK.join(["", name, *labels, ""]).lower()
        found = sa.text("UPDATE studies SET keywords = :words WHERE id = :id")
        connection.execute(found, {"words": words, "id": study_id})
