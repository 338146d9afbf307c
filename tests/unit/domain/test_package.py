"""`import caviar` is light, and its names are where they say."""

import subprocess
import sys
from importlib import metadata

import pytest

import caviar


def test_the_version_is_that_of_the_package():
    assert caviar.__version__ == metadata.version("caviar")


def test_importing_caviar_imports_nothing_heavy():
    program = (
        "import sys, caviar; caviar.Float(0, 1)\n"
        "print([name for name in ('numpy', 'pydantic', 'httpx2', 'caviar.client', 'ray') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Flaot'"):
        _ = caviar.Flaot
    assert {"Float", "Int", "Choice", "Constant", "Client", "Search", "Trial"} <= set(dir(caviar))
