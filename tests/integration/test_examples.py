"""The examples are studies that the service takes, and their training code does what they say."""

import importlib.util
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.workers.recorded_trial import RecordedTrial

from caviar.domain.document import load_document, parse_study
from caviar.domain.spec import StudySpec
from caviar_workers.trainers.mlp import read_hyperparameters, read_options, run

EXAMPLES = Path(__file__).parents[2] / "examples"
STUDIES = sorted(EXAMPLES.glob("*/study.*"))


def _spec(path: Path) -> StudySpec:
    document: Any = load_document(path.read_text(encoding="utf-8"), path.suffix)
    if "code" in document:
        assert (path.parent / document["code"]).is_dir()
        document["code"] = {"bundle": "sha256:" + "0" * 64}
    return parse_study(document)


def _sample(spec: StudySpec, count: int) -> list[dict[str, Any]]:
    units = np.random.default_rng(0).uniform(size=(count, spec.space.dimension))
    return spec.space.decode(spec.space.snap(units))


def test_there_are_six_examples():
    assert [path.parent.name for path in STUDIES] == [
        "any-language",
        "digits",
        "external",
        "panda",
        "pbt",
        "your-own-code",
    ]


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.parent.name)
def test_a_study_is_taken_as_it_is(path):
    assert _spec(path).name == path.parent.name


def test_the_demo_searches_coarse_to_fine_over_parameters_that_the_trainer_knows():
    spec = _spec(EXAMPLES / "digits" / "study.yaml")
    assert (spec.search.strategy, spec.budget.parallel, spec.train.builtin) == ("coarse_to_fine", 2, "mlp")
    assert spec.budget.trials >= 60
    options = read_options(spec.train.options)
    for params in _sample(spec, 50):
        read_hyperparameters(params, options)


def test_the_demo_holds_good_networks():
    spec = _spec(EXAMPLES / "digits" / "study.yaml")
    good = {"optimizer": "adam", "learning_rate": 0.0046, "beta2": 0.999, "batch_size": 16, "hidden_units": 72}
    assert run(RecordedTrial(**good, layers=3), spec.train.options)["val_error"] < 0.04


def test_the_program_in_another_language_prints_a_metric_for_its_steps():
    spec = _spec(EXAMPLES / "any-language" / "study.yaml")
    values = {"{learning_rate}": "0.01", "{momentum}": "0.9", "{l2}": "0.01"}
    command = [values.get(part, part) for part in spec.train.command or ()]
    output = subprocess.run(
        command, cwd=EXAMPLES / "any-language", capture_output=True, text=True, check=True, timeout=60
    ).stdout
    lines = [json.loads(line) for line in output.splitlines()]
    assert [line["step"] for line in lines] == list(range(5, 61, 5))
    assert lines[-1]["val_loss"] < 0.1


def test_your_own_code_reports_what_the_study_ranks_by():
    spec = _spec(EXAMPLES / "your-own-code" / "study.yaml")
    source = importlib.util.spec_from_file_location("example_train", EXAMPLES / "your-own-code" / "train.py")
    assert source is not None
    assert source.loader is not None
    module = importlib.util.module_from_spec(source)
    source.loader.exec_module(module)
    trial = RecordedTrial(**{**_sample(spec, 1)[0], "learning_rate": 0.1})
    module.main(trial)
    errors = trial.series(spec.metric.name)
    assert len(errors) == 30
    assert min(errors) < 65


def test_the_shell_script_of_the_external_example_can_be_parsed():
    subprocess.run(["sh", "-n", str(EXAMPLES / "external" / "run.sh")], check=True, timeout=10)
