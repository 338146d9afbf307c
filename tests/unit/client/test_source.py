import math
import runpy
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from caviar.client.errors import SourceUnavailable
from caviar.client.source import GENERATED_MODULE, Source, source_of

SCALE = 3


def helper(x: float) -> float:
    return x * SCALE


def importable(trial: Any) -> dict[str, float]:
    return {"loss": helper(1.0)}


def run_generated(source: Source, function: str) -> Any:
    assert source.text is not None
    namespace: dict[str, Any] = {"__name__": GENERATED_MODULE}
    exec(source.text, namespace)  # the text is what is being tested
    return namespace[function]


def test_a_function_of_a_module_is_sent_as_its_module() -> None:
    source = source_of(importable)
    assert source.reference == f"{__name__}:importable"
    assert source.folder == Path(__file__).parents[2]
    assert source.prefix == "tests/"
    assert source.text is None


def test_an_installed_function_needs_no_bundle() -> None:
    source = source_of(textwrap.dedent)
    assert source == Source("textwrap:dedent")


def test_a_top_level_module_s_whole_folder_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_train.py").write_text("def main(trial):\n    return {}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import my_train  # type: ignore[import-not-found]

    assert source_of(my_train.main) == Source("my_train:main", tmp_path, "")


def test_a_nested_function_is_sent_as_source_with_all_it_needs() -> None:
    factor = 2.5

    def square(x: float) -> float:
        return x * x

    def main(trial: Any) -> dict[str, float]:
        return {"loss": math.sqrt(square(factor)) + helper(0.0)}

    source = source_of(main)
    assert source.reference == f"{GENERATED_MODULE}:main"
    assert run_generated(source, "main")(None) == {"loss": 2.5}


def test_a_local_variable_that_shares_a_global_s_name_is_no_need() -> None:
    def main(trial: Any) -> dict[str, float]:
        SCALE = 1.0  # noqa: N806
        return {"loss": SCALE}

    assert "SCALE = 3" not in (source_of(main).text or "")


def test_what_has_no_source_form_is_named_with_a_way_out() -> None:
    model = object()

    def main(trial: Any) -> dict[str, Any]:
        return {"loss": model}

    with pytest.raises(SourceUnavailable, match=r"main\(\) refers to 'model', a object") as caught:
        source_of(main)
    assert "make it inside the function" in (caught.value.hint or "")


def test_a_lambda_is_refused() -> None:
    with pytest.raises(SourceUnavailable, match="lambda"):
        source_of(lambda trial: {"loss": 0.0})


def test_a_callable_object_is_refused() -> None:
    with pytest.raises(SourceUnavailable, match="not a plain function"):
        source_of(len)


def test_a_function_typed_into_a_shell_has_no_source() -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec("def main(trial):\n    return {}\n", namespace)
    with pytest.raises(SourceUnavailable, match=r"source of main\(\) is not available"):
        source_of(namespace["main"])


SCRIPT = """
import math
import statistics as st
from dataclasses import dataclass
from pathlib import PurePath as P

import beside

LAYERS = (1, 2)

@dataclass
class Net:
    width: int = LAYERS[0]

    def loss(self):
        return math.sqrt(self.width) + st.mean(LAYERS) + beside.OFFSET

def evaluate(net: Net) -> float:
    return net.loss()

def main(trial):
    return {"loss": evaluate(Net(4)), "name": P("a/b").name}

if __name__ == "__main__":
    import sys
    from caviar.client.source import source_of
    source = source_of(main)
    print(source.folder)
    sys.stdout.write(source.text)
"""


def test_a_script_s_function_takes_along_imports_constants_and_classes(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "beside.py").write_text("OFFSET = 10\n")
    out = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    folder, _, text = out.partition("\n")
    assert folder == str(tmp_path)
    assert "source_of" not in text
    (tmp_path / "generated.py").write_text(text)
    sys.path.insert(0, str(tmp_path))
    try:
        module = runpy.run_path(str(tmp_path / "generated.py"))
    finally:
        sys.path.remove(str(tmp_path))
    assert module["main"](None) == {"loss": 2 + 1.5 + 10, "name": "b"}
