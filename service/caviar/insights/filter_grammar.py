"""The grammar of `filter=`, parsed by hand into a small tree; nothing of the text ever reaches SQL.

params.lr > 1e-3 and state = 'completed'
not (round < 2 or optimizer is null) and node in ('a', 'b')

or  and  not  ( )    = == != <> < <= > >=    in (…)    not in (…)    is null    is not null
fields, numbers, 'strings' or "strings", true, false
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, NoReturn

from caviar.domain.errors import InvalidInput, Problem

MAX_LENGTH: Final = 2_000
MAX_DEPTH: Final = 30
MAX_VALUES: Final = 200

Operator = Literal["=", "!=", "<", "<=", ">", ">="]
Value = float | str | bool


@dataclass(frozen=True, slots=True)
class Field:
    name: str


@dataclass(frozen=True, slots=True)
class Comparison:
    field: Field
    operator: Operator
    value: Value | Field


@dataclass(frozen=True, slots=True)
class Among:
    field: Field
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    field: Field


@dataclass(frozen=True, slots=True)
class Not:
    term: "Term"


@dataclass(frozen=True, slots=True)
class Both:
    terms: tuple["Term", ...]


@dataclass(frozen=True, slots=True)
class Either:
    terms: tuple["Term", ...]


Term = Comparison | Among | Missing | Not | Both | Either

_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<number>-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_.]*)
    |(?P<string>'(?:[^']|'')*'|"(?:[^"]|"")*")
    |(?P<sign><=|>=|==|!=|<>|[=<>(),])
    |(?P<end>$)
    |(?P<other>.))""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_OPERATORS: Final[dict[str, Operator]] = {
    "=": "=",
    "==": "=",
    "!=": "!=",
    "<>": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
_MIRRORED: Final[dict[Operator, Operator]] = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_WORDS: Final = {"and", "or", "not", "in", "is", "null", "true", "false"}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        """The keyword it is, or ""."""
        lower = self.text.lower()
        return lower if self.kind == "name" and lower in _WORDS else ""


def refuse(detail: str, at: int | None = None) -> NoReturn:
    where = "" if at is None else f" (at character {at + 1})"
    raise InvalidInput([Problem("/filter", detail + where)])


def parse_filter(text: str) -> Term:
    """Raises InvalidInput that says where."""
    if len(text) > MAX_LENGTH:
        refuse(f"is longer than {MAX_LENGTH:,} characters")
    parser = _Parser(
        [
            _Token(str(match.lastgroup), match[str(match.lastgroup)], match.start(str(match.lastgroup)))
            for match in _TOKEN.finditer(text.rstrip())
        ]
    )
    return parser.whole()


class _Parser:
    """Recursive descent; each method takes what it is named after from the front of the tokens."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def whole(self) -> Term:
        term = self._either()
        if self._token.kind != "end":
            refuse(f"{self._token.text!r} is not understood here", self._token.at)
        return term

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._token
        if token.kind == "end":
            refuse("ends too early", token.at)
        self._next += 1
        return token

    def _taken(self, text: str) -> bool:
        """Takes the word or sign when it comes next."""
        token = self._token
        found = text in (token.word, token.text if token.kind == "sign" else "")
        self._next += found
        return found

    def _expect(self, text: str) -> None:
        if not self._taken(text):
            refuse(f"{text!r} is missing", self._token.at)

    def _either(self) -> Term:
        terms = self._joined("or", self._both)
        return terms[0] if len(terms) == 1 else Either(terms)

    def _both(self) -> Term:
        terms = self._joined("and", self._negated)
        return terms[0] if len(terms) == 1 else Both(terms)

    def _joined(self, word: str, part: Callable[[], Term]) -> tuple[Term, ...]:
        terms = [part()]
        while self._taken(word):
            terms.append(part())
        return tuple(terms)

    def _negated(self) -> Term:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            refuse(f"is nested deeper than {MAX_DEPTH}", self._token.at)
        term: Term = Not(self._negated()) if self._taken("not") else self._primary()
        self._depth -= 1
        return term

    def _primary(self) -> Term:
        if self._taken("("):
            term = self._either()
            self._expect(")")
            return term
        at, left = self._token.at, self._operand()
        if isinstance(left, Field):
            return self._about(left)
        operator, right = self._operator(), self._operand()
        if not isinstance(right, Field):
            refuse("compares two values: one side must be a field, such as state or params.lr", at)
        return Comparison(right, _MIRRORED[operator], left)

    def _about(self, field: Field) -> Term:
        if self._taken("is"):
            negated = self._taken("not")
            self._expect("null")
            return Not(Missing(field)) if negated else Missing(field)
        if self._taken("not"):
            self._expect("in")
            return Not(self._among(field))
        if self._taken("in"):
            return self._among(field)
        return Comparison(field, self._operator(), self._operand())

    def _among(self, field: Field) -> Among:
        self._expect("(")
        values = [self._value()]
        while self._taken(","):
            values.append(self._value())
        self._expect(")")
        if len(values) > MAX_VALUES:
            refuse(f"lists more than {MAX_VALUES} values")
        return Among(field, tuple(values))

    def _operator(self) -> Operator:
        token = self._take()
        if token.kind != "sign" or token.text not in _OPERATORS:
            refuse(f"{token.text!r} is no comparison: = != < <= > >= in, is null", token.at)
        return _OPERATORS[token.text]

    def _operand(self) -> Value | Field:
        token = self._token
        if token.kind == "name" and not token.word:
            self._next += 1
            return Field(token.text)
        return self._value()

    def _value(self) -> Value:
        token = self._take()
        if token.kind == "number":
            return float(token.text)
        if token.kind == "string":
            quote = token.text[0]
            return token.text[1:-1].replace(quote * 2, quote).replace("\x00", "\ufffd")
        if token.word in ("true", "false"):
            return token.word == "true"
        hint = ": write `is null`" if token.word == "null" else ""
        refuse(f"{token.text!r} is not a value{hint}", token.at)
