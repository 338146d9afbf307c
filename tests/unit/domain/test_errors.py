"""Errors carry what an answer needs, and every mistake."""

import pickle

import pytest

from caviar.domain import errors
from caviar.domain.errors import (
    CaviarError,
    Conflict,
    InvalidInput,
    InvalidStudy,
    MissingExtra,
    Problem,
    did_you_mean,
    pointer,
)

CLASSES = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, CaviarError)]


def test_each_kind_has_a_code_of_its_own():
    assert len({cls.code for cls in CLASSES}) == len(CLASSES)


@pytest.mark.parametrize(
    ("name", "code", "status"),
    [
        ("InvalidStudy", "invalid_study", 422),
        ("InvalidInput", "invalid_input", 422),
        ("NotFound", "not_found", 404),
        ("Conflict", "conflict", 409),
        ("Forbidden", "forbidden", 403),
        ("Unauthorized", "unauthorized", 401),
        ("TooLarge", "too_large", 413),
        ("MissingExtra", "missing_extra", 501),
        ("Unavailable", "unavailable", 503),
        ("DiskFull", "disk_full", 507),
    ],
)
def test_codes_are_stable(name, code, status):
    cls = getattr(errors, name)
    assert (cls.code, cls.status, cls.retry) == (code, status, status in (503, 507))


def test_one_conflict_can_be_told_from_another():
    error = Conflict("the name is taken", hint="choose another", code="name_taken")
    assert (error.code, Conflict("x").code) == ("name_taken", "conflict")
    assert str(error) == "the name is taken (choose another)"


def test_one_mistake_reads_as_a_sentence_and_many_as_a_list():
    assert str(InvalidInput([Problem("/low", "is missing")])) == "/low: is missing"
    many = InvalidStudy([Problem(f"/{index}", "is missing") for index in range(7)])
    assert str(many).splitlines()[0] == "7 mistakes"
    assert str(many).splitlines()[-1] == "- and 2 more"
    assert len(many.errors) == 7


@pytest.mark.parametrize(
    "error",
    [
        InvalidStudy([Problem("/a", "b")], hint="c"),
        MissingExtra("Optuna", "optuna"),
        Conflict("a", hint="b", code="c"),
    ],
)
def test_errors_cross_a_process_boundary(error):
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.code) == (type(error), str(error), error.code)
    assert getattr(again, "errors", None) == getattr(error, "errors", None)


def test_a_missing_extra_says_what_to_type():
    assert str(MissingExtra("Optuna", "optuna")) == "Optuna is not installed (pip install 'caviar[optuna]')"


def test_a_problem_moves_into_the_document_around_it():
    problem = Problem("/low", "is missing").under(pointer("space", "lr"))
    assert problem.to_document() == {"pointer": "/space/lr/low", "detail": "is missing"}


def test_pointers_escape():
    assert pointer("a/b", "c~d", 0) == "/a~1b/c~0d/0"
    assert pointer() == ""


def test_a_near_miss_is_named():
    assert did_you_mean("Lerning_Rate", ["learning_rate", "momentum"]) == ' Did you mean "learning_rate"?'
    assert did_you_mean("x" * 100_000, ["learning_rate"]) == ""
