"""The staff of the demonstration, for tests that walk its pages."""

from collections import defaultdict
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.enums import Role
from app.extensions import db
from app.models import Position
from tests.support import demonstration
from tests.support.databases import Prepared

OF_EACH_ROLE = 3


@pytest.fixture
def staff(app: Flask, prepared: Prepared) -> Iterator[list[Position]]:
    """Positions of the demonstration at its own moment: every office of a committee, a few of each other role."""
    demonstration.bring(prepared)
    found = defaultdict(list)
    for position in db.session.scalars(select(Position).order_by(Position.id)):
        found[position.role].append(position)
    del found[Role.APPLICANT]
    with time_machine.travel(demonstration.AT, tick=True):
        yield [
            one
            for role, every in found.items()
            for one in every[: None if role is Role.OFFICE else OF_EACH_ROLE]
        ]
