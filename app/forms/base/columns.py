"""Values of a form as columns of a model, and back."""

from collections.abc import Mapping
from typing import Any


def model_columns(data: Mapping[str, Any], model: Any) -> dict[str, Any]:
    """Return the items of `data` whose keys are columns of `model`."""
    names = set(model.__table__.c.keys())
    return {key: value for key, value in data.items() if key in names}


def column_values(record: Any) -> dict[str, Any]:
    """Return {column: value} of `record`, to fill a form with."""
    return {column.key: getattr(record, column.key) for column in type(record).__table__.c}
