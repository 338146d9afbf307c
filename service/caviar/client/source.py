"""A Python function as source code that can run elsewhere: nothing is ever pickled.

A function of a module that can be imported is sent as that module. One of a script or a notebook (or one made inside
another function) is sent as a module made of its source and of what it refers to: imports, constants, functions and
classes of the same place.
"""

import ast
import builtins
import inspect
import site
import symtable
import sys
import sysconfig
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final

from caviar.client.errors import SourceUnavailable

GENERATED_MODULE: Final = "caviar_main"


@dataclass(frozen=True, slots=True)
class Source:
    """`reference` is what a study's train.function takes; `folder` holds the modules it needs (None: installed ones
    do), placed under `prefix`; `text` is that of GENERATED_MODULE, where one was made."""

    reference: str
    folder: Path | None = None
    prefix: str = ""
    text: str | None = None


def source_of(function: Callable[..., Any]) -> Source:
    """Raises SourceUnavailable for what has no source, or refers to what can't be written as source."""
    plain = inspect.unwrap(function)
    if not isinstance(plain, FunctionType):
        raise SourceUnavailable(
            f"{function!r} is not a plain function", hint="write `def main(trial): ...` that calls it, and pass that"
        )
    if plain.__name__ == "<lambda>":
        raise SourceUnavailable("a lambda has no source of its own", hint="give it a name with `def`")
    module = sys.modules.get(plain.__module__)
    if module is not None and _is_importable(module, plain):
        folder, prefix = _folder_of(module)
        return Source(f"{plain.__module__}:{plain.__qualname__}", folder, prefix)
    return _generated(plain, module)


def _is_importable(module: ModuleType, function: FunctionType) -> bool:
    same = inspect.unwrap(getattr(module, function.__name__, None) or function) is function
    return module.__name__ != "__main__" and "<" not in function.__qualname__ and same and _root_of(module) is not None


def _root_of(module: ModuleType) -> Path | None:
    """The folder on sys.path that the module's file lies in; None when its name does not tell."""
    file = getattr(module, "__file__", None)
    if file is None:
        return None
    path = Path(file).absolute()
    parts = module.__name__.split(".")
    base = path.parent if path.name == "__init__.py" else path.with_suffix("")
    return base.parents[len(parts) - 1] if list(base.parts[-len(parts) :]) == parts else None


def _folder_of(module: ModuleType) -> tuple[Path | None, str]:
    """What to send for a module: nothing for an installed one, its package for one in a package, else its folder."""
    root = _root_of(module)
    if root is None or _is_installed(root):
        return None, ""
    top, _, rest = module.__name__.partition(".")
    is_package = bool(rest) or hasattr(module, "__path__")
    return (root / top, f"{top}/") if is_package else (root, "")


def _is_installed(folder: Path) -> bool:
    paths = [*site.getsitepackages(), site.getusersitepackages(), *map(sysconfig.get_path, ("stdlib", "platstdlib"))]
    return any(folder.is_relative_to(path) for path in paths)


def _generated(function: FunctionType, module: ModuleType | None) -> Source:
    home = _home_of(module)
    writer = _Writer(function.__name__, home)
    writer.define(function, function.__name__)
    text = "\n\n".join(["from __future__ import annotations", *writer.blocks]) + "\n"
    return Source(f"{GENERATED_MODULE}:{function.__name__}", home if writer.needs_home else None, "", text)


def _home_of(module: ModuleType | None) -> Path:
    """Where modules beside the function are found: the script's folder, or a notebook's working folder."""
    file = getattr(module, "__file__", None)
    return Path(file).absolute().parent if file else Path.cwd()


@dataclass(slots=True)
class _Writer:
    """Writes what a function needs before the function. `blocks` are pieces of source in order."""

    subject: str
    home: Path
    blocks: list[str] = field(default_factory=list)
    needs_home: bool = False
    _seen: dict[str, Any] = field(default_factory=dict)

    def define(self, thing: Any, name: str) -> None:
        """A function or class, after all that it refers to."""
        self._seen[name] = thing
        text = _text_of(thing, name)
        namespace = _namespace_of(thing)
        for needed in sorted(_global_names(text)):
            if needed in namespace:
                self._need(needed, namespace[needed])
        self.blocks.append(text)

    def _need(self, name: str, value: Any) -> None:
        if name in self._seen:
            self._check_same(name, value)
            return
        if _is_local_definition(value):
            self._define_local(name, value)
            return
        self._seen[name] = value
        statement = _import_of(name, value) or _constant(name, value)
        if statement is None:
            raise SourceUnavailable(
                f"{self.subject}() refers to {name!r}, a {type(value).__name__} that can't be sent as source code",
                hint="make it inside the function, or put the function into a module of its own and import it",
            )
        self.needs_home |= self._lies_at_home(value)
        self.blocks.append(statement)

    def _define_local(self, name: str, value: Any) -> None:
        own = value.__name__
        if own not in self._seen:
            self.define(value, own)
        self._check_same(own, value)
        if own != name:
            self._seen[name] = value
            self.blocks.append(f"{name} = {own}")

    def _check_same(self, name: str, value: Any) -> None:
        if self._seen[name] is not value:
            raise SourceUnavailable(
                f"two different things that {self.subject}() needs are called {name!r}",
                hint="rename one, or put the function into a module of its own and import it",
            )

    def _lies_at_home(self, value: Any) -> bool:
        module = value if isinstance(value, ModuleType) else sys.modules.get(getattr(value, "__module__", None) or "")
        file = getattr(module, "__file__", None)
        return file is not None and Path(file).absolute().is_relative_to(self.home) and not _is_installed(Path(file))


def _text_of(thing: Any, name: str) -> str:
    try:
        return textwrap.dedent(inspect.getsource(thing)).rstrip()
    except (OSError, TypeError) as error:
        raise SourceUnavailable(
            f"the source of {name}() is not available (a shell keeps none)",
            hint="put the function into a file and import it",
        ) from error


def _namespace_of(thing: Any) -> Mapping[str, Any]:
    if isinstance(thing, FunctionType):
        return {**thing.__globals__, **_closure(thing)}
    return vars(sys.modules[thing.__module__])


def _closure(function: FunctionType) -> Mapping[str, Any]:
    return inspect.getclosurevars(function).nonlocals


def _global_names(text: str) -> set[str]:
    """Names that the source takes from outside itself."""
    top = symtable.symtable(text, "<source>", "exec")
    outer = {s.get_name() for s in top.get_symbols() if s.is_referenced() and not s.is_assigned()}
    inner = {s.get_name() for t in _tables(top) for s in t.get_symbols() if s.is_global() and s.is_referenced()}
    defined = {s.get_name() for s in top.get_symbols() if s.is_namespace()}
    return (outer | inner) - defined - set(vars(builtins))


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _tables(child)


def _is_local_definition(value: Any) -> bool:
    """A function or class that has no importable home of its own."""
    if not isinstance(value, FunctionType | type):
        return False
    module = sys.modules.get(value.__module__)
    return module is None or module.__name__ == "__main__" or "<locals>" in value.__qualname__


def _import_of(name: str, value: Any) -> str | None:
    if isinstance(value, ModuleType):
        return f"import {value.__name__}" + ("" if value.__name__ == name else f" as {name}")
    module, qualname = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(qualname, str) or "." in qualname or module == "__main__":
        return None
    if getattr(sys.modules.get(module), qualname, None) is not value:
        return None
    return f"from {module} import {qualname}" + ("" if qualname == name else f" as {name}")


def _constant(name: str, value: Any) -> str | None:
    text = repr(value)
    try:
        same = ast.literal_eval(text) == value
    except (ValueError, SyntaxError):
        return None
    return f"{name} = {text}" if same and type(value).__module__ == "builtins" else None
