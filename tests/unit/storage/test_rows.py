import dataclasses

import pytest

from caviar.storage.tables import attempts, metadata, studies, trials
from caviar.storage.writing import ATTEMPT_MUTABLE, ROWS, STUDY_MUTABLE, TRIAL_MUTABLE


@pytest.mark.parametrize("row_class", ROWS, ids=lambda row_class: row_class.__name__)
def test_a_row_has_its_tables_columns_in_their_order(row_class: type) -> None:
    assert [field.name for field in dataclasses.fields(row_class)] == [
        column.name for column in ROWS[row_class].columns
    ]


def test_what_is_saved_exists() -> None:
    assert set(STUDY_MUTABLE) <= set(studies.columns.keys())
    assert set(TRIAL_MUTABLE) <= set(trials.columns.keys())
    assert set(ATTEMPT_MUTABLE) <= set(attempts.columns.keys())


def test_every_constraint_has_a_name_that_a_migration_can_use() -> None:
    for table in metadata.tables.values():
        assert all(constraint.name for constraint in table.constraints), table.name
