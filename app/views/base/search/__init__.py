"""The search form above a list: one field per searched column, the box over them, ranges."""

from app.views.base.search.field import ID_NUMBER, SearchField, contains, is_index
from app.views.base.search.form import (
    faults,
    fields_for,
    hidden_id_number,
    replace_id_number,
    with_box_and_ranges,
)

__all__ = [
    "ID_NUMBER",
    "SearchField",
    "contains",
    "faults",
    "fields_for",
    "hidden_id_number",
    "is_index",
    "replace_id_number",
    "with_box_and_ranges",
]
