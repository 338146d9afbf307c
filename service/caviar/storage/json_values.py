"""Numbers inside JSON columns, as SQL that reads alike on SQLite and PostgreSQL."""

from typing import Any

from sqlalchemy import ColumnElement, Double, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.functions import FunctionElement


class _Number(FunctionElement[Any]):
    """`key` is a bound parameter, never part of the SQL text."""

    type = Double()
    name = "json_value_number"
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], key: str) -> None:
        super().__init__(column, literal(key), literal(f'$."{key}"'))


def number_at(column: ColumnElement[Any], key: str) -> ColumnElement[float]:
    """NULL when the key is absent or its value is no number, so that no comparison ever fails."""
    return _Number(column, key)


def _parts(element: _Number, compiler: Any, **how: Any) -> tuple[str, str, str]:
    column, key, path = list(element.clauses)
    assert isinstance(key, BindParameter)
    return compiler.process(column, **how), compiler.process(key, **how), compiler.process(path, **how)


@compiles(_Number, "sqlite")
def _(element: _Number, compiler: Any, **how: Any) -> str:
    column, _key, path = _parts(element, compiler, **how)
    return f"CASE WHEN json_type({column}, {path}) IN ('integer', 'real') THEN json_extract({column}, {path}) + 0.0 END"


@compiles(_Number, "postgresql")
def _(element: _Number, compiler: Any, **how: Any) -> str:
    column, key, _path = _parts(element, compiler, **how)
    return f"CASE WHEN json_typeof({column} -> {key}) = 'number' THEN ({column} ->> {key})::float8 END"
