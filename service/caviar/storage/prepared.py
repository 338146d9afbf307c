"""Executemany with what SQLAlchemy knows of a statement taken down once.

By itself it works out names and converters anew for each set of parameters of each execution: of a sync of many short
trials that was a sixth.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Insert, Update
from sqlalchemy.engine import Dialect

Converter = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Prepared:
    """`places`: where in a row each parameter stands, in the statement's order; `converters` go by the row's places.
    `names` is empty where the driver takes parameters by position."""

    sql: str
    places: tuple[int, ...]
    converters: tuple[tuple[int, Converter], ...]
    names: tuple[str, ...]

    def execute(self, connection: Connection, rows: Iterable[Sequence[Any]]) -> None:
        """`rows` hold the values in the order in which `prepare` was told the parameters."""
        connection.exec_driver_sql(self.sql, [self._parameters(list(row)) for row in rows])

    def _parameters(self, values: list[Any]) -> dict[str, Any] | tuple[Any, ...]:
        for place, convert in self.converters:
            values[place] = convert(values[place])
        ordered = tuple([values[place] for place in self.places])
        return dict(zip(self.names, ordered, strict=True)) if self.names else ordered


def prepare(statement: Insert | Update, names: Sequence[str], dialect: Dialect) -> Prepared:
    """`names`: the statement's parameters, in the order in which rows will bring them."""
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    order = list(compiled.positiontup or names)
    kinds = [compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    return Prepared(
        sql=str(compiled),
        places=tuple(names.index(name) for name in order),
        converters=tuple((place, convert) for place, convert in enumerate(kinds) if convert is not None),
        names=() if compiled.positiontup else tuple(order),
    )
