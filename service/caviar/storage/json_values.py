"""Values inside JSON columns, by type, as SQL that reads alike on SQLite and PostgreSQL.

Each expression is NULL when the key is absent or its value is of another type, so that no comparison ever fails.
"""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Double, Text, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.functions import FunctionElement


class _Typed(FunctionElement[Any]):
    """`key` is a bound parameter, never part of the SQL text."""

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any], key: str) -> None:
        super().__init__(column, literal(key), literal(f'$."{key}"'))


class _Number(_Typed):
    type = Double()
    name = "json_value_number"
    inherit_cache = True


class _Text(_Typed):
    type = Text()
    name = "json_value_text"
    inherit_cache = True


class _Truth(_Typed):
    type = Boolean()
    name = "json_value_truth"
    inherit_cache = True


def number_at(column: ColumnElement[Any], key: str) -> ColumnElement[float]:
    return _Number(column, key)


def text_at(column: ColumnElement[Any], key: str) -> ColumnElement[str]:
    return _Text(column, key)


def truth_at(column: ColumnElement[Any], key: str) -> ColumnElement[bool]:
    return _Truth(column, key)


def _parts(element: _Typed, compiler: Any, **how: Any) -> tuple[str, str, str]:
    column, key, path = list(element.clauses)
    assert isinstance(key, BindParameter)
    return compiler.process(column, **how), compiler.process(key, **how), compiler.process(path, **how)


@compiles(_Number, "sqlite")
def _(element: _Number, compiler: Any, **how: Any) -> str:
    column, _key, path = _parts(element, compiler, **how)
    return f"CASE WHEN json_type({column}, {path}) IN ('integer', 'real') THEN json_extract({column}, {path}) + 0.0 END"


@compiles(_Text, "sqlite")
def _(element: _Text, compiler: Any, **how: Any) -> str:
    column, _key, path = _parts(element, compiler, **how)
    return f"CASE WHEN json_type({column}, {path}) = 'text' THEN json_extract({column}, {path}) END"


@compiles(_Truth, "sqlite")
def _(element: _Truth, compiler: Any, **how: Any) -> str:
    column, _key, path = _parts(element, compiler, **how)
    return f"CASE WHEN json_type({column}, {path}) IN ('true', 'false') THEN json_extract({column}, {path}) END"


def _postgres(element: _Typed, compiler: Any, kind: str, cast: str, **how: Any) -> str:
    column, key, _path = _parts(element, compiler, **how)
    return f"CASE WHEN json_typeof({column} -> {key}) = '{kind}' THEN ({column} ->> {key}){cast} END"


@compiles(_Number, "postgresql")
def _(element: _Number, compiler: Any, **how: Any) -> str:
    return _postgres(element, compiler, "number", "::float8", **how)


@compiles(_Text, "postgresql")
def _(element: _Text, compiler: Any, **how: Any) -> str:
    return _postgres(element, compiler, "string", "", **how)


@compiles(_Truth, "postgresql")
def _(element: _Truth, compiler: Any, **how: Any) -> str:
    return _postgres(element, compiler, "boolean", "::boolean", **how)
