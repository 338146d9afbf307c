"""YAML as far as a study needs it: the core schema of YAML 1.2, so that 1e-4 is a number, and `no`, `on` and 12:30 are
strings. What can surprise is refused: aliases (with them, documents that unfold without end), tags, keys that stand
twice or are no text."""

import re
from dataclasses import dataclass
from typing import Any, Final

import yaml
from yaml.reader import Reader

from caviar.domain.values import shown

MAX_NESTING: Final = 100

_NULL: Final = {"", "~", "null", "Null", "NULL"}
_BOOLS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT: Final = re.compile(r"[-+]?[0-9]+")
_BASED: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NAMED: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONGEST_NUMBER: Final = 1_000
_UNPRINTABLE: Final = Reader.NON_PRINTABLE

_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class _Mark:
    """Counted from 0, as pyyaml's own marks are."""

    line: int
    column: int


class YamlError(ValueError):
    def __init__(self, mark: Any, detail: str) -> None:
        super().__init__(f"line {mark.line + 1}, column {mark.column + 1}: {detail}")


def load_yaml(text: str) -> object:
    """Raises YamlError. An empty text is None."""
    if found := _UNPRINTABLE.search(text):
        before = text[: found.start()]
        mark = _Mark(before.count("\n"), found.start() - before.rfind("\n") - 1)
        raise YamlError(mark, f"the character U+{ord(found[0]):04X} is not allowed here")
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_Loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        since = f"{error.context} from line {error.context_mark.line + 1}, " if error.context_mark else ""
        raise YamlError(error.problem_mark, f"{since}{error.problem}") from None
    return builder.document


@dataclass(slots=True)
class _Open:
    """A list or an object whose end has not come; `key` is set while its value is awaited."""

    value: list[Any] | dict[str, Any]
    key: str | None = None


class _Builder:
    """Made of events instead of nodes: nothing recurses, and an alias is seen before anything is made of it."""

    def __init__(self) -> None:
        self.document: object = None
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise YamlError(event.start_mark, "a second document begins here: a file holds one study")
            case yaml.AliasEvent():
                raise YamlError(event.start_mark, f"*{event.anchor} is an alias: write out what it stands for")
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.SequenceStartEvent():
                self._begin(event, [])
            case yaml.MappingStartEvent():
                self._begin(event, {})
            case yaml.CollectionEndEvent():
                self._open.pop()

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        _refuse_tag(event)
        plain = event.implicit[0]
        value = _resolved(event.value) if plain else event.value
        if value is _TOO_LONG:
            raise YamlError(event.start_mark, "is a number of too many digits")
        if self._awaits_key():
            self._take_key(event, value)
        else:
            self._put(value)

    def _begin(self, event: Any, value: list[Any] | dict[str, Any]) -> None:
        _refuse_tag(event)
        if self._awaits_key():
            raise YamlError(event.start_mark, "a key must be a string, not a list or an object")
        if len(self._open) >= MAX_NESTING:
            raise YamlError(event.start_mark, f"is nested more than {MAX_NESTING} deep")
        self._put(value)
        self._open.append(_Open(value))

    def _awaits_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _take_key(self, event: yaml.ScalarEvent, key: Any) -> None:
        holder = self._open[-1]
        if not isinstance(key, str):
            raise YamlError(event.start_mark, f"a key must be a string, not {shown(key)}: put it in quotes")
        if key in holder.value:
            raise YamlError(event.start_mark, f"the key {shown(key)} stands twice in one object")
        if key == "<<" and event.implicit[0]:
            raise YamlError(event.start_mark, "<< merges objects: write out what it stands for")
        holder.key = key

    def _put(self, value: Any) -> None:
        if not self._open:
            self.document = value
            return
        holder = self._open[-1]
        if isinstance(holder.value, list):
            holder.value.append(value)
        elif holder.key is not None:
            holder.value[holder.key] = value
            holder.key = None


_TOO_LONG: Final = object()


def _resolved(text: str) -> Any:
    """What an unquoted scalar stands for (YAML 1.2, 10.3.2)."""
    if text in _NULL:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if _FLOAT.fullmatch(text) or _BASED.fullmatch(text):
        return _TOO_LONG if len(text) > _LONGEST_NUMBER else _number(text)
    return float(text.replace(".", "")) if _NAMED.fullmatch(text) else text


def _number(text: str) -> int | float:
    if _INT.fullmatch(text):
        return int(text)
    return int(text, 0) if _BASED.fullmatch(text) else float(text)


def _refuse_tag(event: Any) -> None:
    if event.tag is not None:
        raise YamlError(event.start_mark, f"tags such as {event.tag[:40]} are not understood")
