"""The list of what a rehearsal copies: complete, and without a way to anybody."""

from app.models.base import metadata
from app.rehearsal.tables import COPIED, LEFT_OUT
from tests.rehearsal.source import NAMES_SOMEBODY


def test_every_table_stands_in_one_of_the_lists() -> None:
    tables = {table.name for table in metadata.sorted_tables}

    assert set(COPIED) | LEFT_OUT == tables
    assert set(COPIED) & LEFT_OUT == set()


def test_nothing_copied_refers_to_a_table_left_out() -> None:
    """So no copied row points to an account or a person, nor to a row that is not there."""
    found = {
        (table.name, column.name, key.column.table.name)
        for table in metadata.sorted_tables
        if table.name in COPIED
        for column in table.columns
        if column.name not in COPIED[table.name].emptied | {COPIED[table.name].personal}
        for key in column.foreign_keys
        if key.column.table.name in LEFT_OUT
    }

    assert found == set()


def test_no_copied_column_names_somebody() -> None:
    found = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        if table.name in COPIED
        for column in table.columns
        if column.name in NAMES_SOMEBODY
        and column.name not in COPIED[table.name].emptied | {COPIED[table.name].personal}
    }

    assert found == set()


def test_columns_named_in_the_list_exist_and_can_be_empty() -> None:
    for name, kept in COPIED.items():
        table = metadata.tables[name]
        assert kept.emptied <= set(table.c.keys())
        assert not kept.personal or table.c[kept.personal].nullable
        for one in kept.emptied:
            assert table.c[one].nullable or table.c[one].type.python_type is str, (name, one)
