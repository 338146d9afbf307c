"""The JSON Schema of a study agrees with the reader where it can."""

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from tests.unit.domain.studies import full, least, studies

from caviar.domain.schema import study_schema

VALIDATOR = Draft202012Validator(study_schema())


def test_it_is_a_schema():
    Draft202012Validator.check_schema(study_schema())


@pytest.mark.parametrize("document", [full(), least(), least(metric={"name": "loss"})])
def test_documents_of_the_reference_fit(document):
    assert list(VALIDATOR.iter_errors(document)) == []


@settings(max_examples=50)
@given(studies())
def test_every_study_fits(study):
    assert list(VALIDATOR.iter_errors(study.to_document())) == []


@pytest.mark.parametrize(
    "document",
    [
        {},
        least(budgt={}),
        least(retries=101),
        least(budget={"trials": 0}),
        least(space={"lr": {"type": "float", "low": 0}}),
        least(space={"lr": {"type": "int", "low": 0, "high": 1, "scale": "one_minus_log"}}),
        least(space={"9": {"type": "constant", "value": 0}}),
        least(search={"strategy": "bayes"}),
    ],
)
def test_what_it_can_tell_it_tells(document):
    assert not VALIDATOR.is_valid(document)


def test_the_sections_may_stand_elsewhere():
    schema = study_schema("#/components/schemas/{model}")
    assert schema["properties"]["budget"]["$ref"] == "#/components/schemas/Budget"
