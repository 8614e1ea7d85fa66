"""A world for the journeys over plain HTTP, with the token of every form demanded as in production."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask

from tests.journeys import stage
from tests.journeys.hands import PaperHand
from tests.journeys.stage import World


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    app.config |= {"WTF_CSRF_ENABLED": True, "WTF_CSRF_CHECK_DEFAULT": True}
    with time_machine.travel(stage.moment(stage.BEGIN), tick=False) as traveller:
        yield World(
            new_hand=lambda: PaperHand(app.test_client()),
            new_extra=lambda: PaperHand(app.test_client()),
            clock=traveller,
            run_due=lambda: stage.run_due(app),
        )
