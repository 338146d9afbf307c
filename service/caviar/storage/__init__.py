"""SQL: tables, one module per noun, and the two kinds of transaction. The only room that knows SQLAlchemy."""
