"""Every rule here counts days, so the official calendar is always there."""

import pytest
from flask import Flask

from tests import factories


@pytest.fixture(autouse=True)
def official_calendar(app: Flask) -> None:
    factories.work_days()
