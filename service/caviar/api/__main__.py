"""`python -m caviar.api --host 127.0.0.1 --port 8700 --data-dir DIR --database-url URL`: the service by itself."""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from caviar.api.app import create_app
from caviar.api.binding import check_binding
from caviar.api.server import serve
from caviar.api.settings import Settings
from caviar.api.startup import ensure_tokens, opened
from caviar.domain.errors import CaviarError
from caviar.engine.engine import Engine


def main() -> int:
    settings = Settings(**_given())
    try:
        check_binding(settings.host, settings.tls_cert, settings.tls_key, behind_proxy=settings.behind_proxy)
        with opened(settings) as database:
            engine = Engine(database, lease_seconds=settings.lease_seconds)
            ensure_tokens(settings, engine, time.time())
            serve(create_app(settings, engine, database), settings)
    except CaviarError as error:
        sys.stderr.write(f"caviar service: {error}\n")
        return 1
    return 0


def _given() -> dict[str, Any]:
    """What the command line sets; it goes before the environment."""
    parser = argparse.ArgumentParser(prog="python -m caviar.api", description="The Caviar service.")
    parser.add_argument("--host", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (8700; 0: any free one)")
    parser.add_argument("--tls-cert", type=Path, help="certificate chain, PEM")
    parser.add_argument("--tls-key", type=Path, help="its private key, PEM")
    proxy = "TLS, or a network of its own, is in front of the service"
    parser.add_argument("--behind-proxy", action="store_true", default=None, help=proxy)
    parser.add_argument("--data-dir", type=Path, help="folder of the database and the first tokens")
    parser.add_argument("--database-url", help="sqlite:///PATH or postgresql://USER@HOST/NAME")
    return {name: value for name, value in vars(parser.parse_args()).items() if value is not None}


if __name__ == "__main__":
    sys.exit(main())
