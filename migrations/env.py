"""Alembic's entry: runs the revisions on the connection that `caviar.storage.migrate` hands over, or `-x url=...`."""

from alembic import context
from sqlalchemy import Connection

from caviar.storage.database import Database
from caviar.storage.tables import metadata


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    database = Database(context.get_x_argument(as_dictionary=True)["url"])
    with database.engine.begin() as opened:
        run(opened)
    database.close()
