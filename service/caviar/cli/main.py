"""The entry point: `caviar`. Nothing a user does wrong ends in a traceback.

Exit codes: 0 ok, 1 the study (or the server) failed, 2 usage, 3 no connection, 130 interrupted.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any, Final

from typer import Abort, TyperException

from caviar.cli.app import app
from caviar.domain.errors import CaviarError, InvalidInput

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
NO_CONNECTION: Final = 3
INTERRUPTED: Final = 130

DEBUG: Final = "CAVIAR_DEBUG"


def main(arguments: Sequence[str] | None = None) -> int:
    _never_stumble_over_characters()
    try:
        returned = app(args=arguments, prog_name="caviar", standalone_mode=False)
    except CaviarError as error:
        print_error(error)
        return exit_code(error)
    except TyperException as error:
        return _usage(error)
    except (Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:  # `caviar trials x | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:  # noqa: BLE001  (the outermost frame)
        return _unexpected(error)
    return returned if isinstance(returned, int) else OK


def exit_code(error: CaviarError) -> int:
    match error.code:
        case "no_connection" | "unavailable":
            return NO_CONNECTION
        case _:
            return USAGE if 400 <= error.status < 500 else FAILED


def print_error(error: CaviarError) -> None:
    """One clear sentence and a hint; for a document, every mistake with its pointer."""
    from rich.console import Console  # noqa: PLC0415  (not for `--help`)
    from rich.text import Text  # noqa: PLC0415

    console = Console(stderr=True)
    for line in _error_lines(error):
        console.print(Text.assemble(*line), soft_wrap=True)


def _error_lines(error: CaviarError) -> list[list[tuple[str, str]]]:
    red, plain, dim = "bold red", "", "dim"
    if isinstance(error, InvalidInput) and len(error.errors) > 1:
        what = "the study" if error.code == "invalid_study" else "the input"
        lines = [[("error: ", red), (f"{what} has {len(error.errors)} mistakes", plain)]]
        lines += [[(f"  {problem.pointer or '/'}", "bold"), (f"  {problem.detail}", plain)] for problem in error.errors]
    else:
        lines = [[("error: ", red), (error.detail, plain)]]
    return [*lines, [("hint: ", dim), (error.hint, plain)]] if error.hint else lines


def _unexpected(error: Exception) -> int:
    """A mistake of Caviar's own: short by default, whole for those who look into it."""
    if os.environ.get(DEBUG):
        raise error
    hint = f"this is a mistake in Caviar; {DEBUG}=1 shows where"
    print_error(CaviarError(f"unexpected {type(error).__name__}: {error}", hint=hint))
    return FAILED


def _usage(error: Any) -> int:
    from typer.rich_utils import rich_format_error  # noqa: PLC0415

    rich_format_error(error)
    return int(error.exit_code)


def _never_stumble_over_characters() -> None:
    """An arrow on a terminal that only knows ASCII becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
