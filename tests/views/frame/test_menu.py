"""The menu: a chapter with work in it is open, and a folded one says how much waits inside."""

import re

from flask import Flask

from app.enums import ApplicationState, Role
from tests.support import factories
from tests.support.signing import client_of

CHAPTER = re.compile(r'<details data-chapter="1\.2"( open)?>\s*<summary>(.*?)</summary>', re.DOTALL)


def test_a_chapter_with_work_is_open_and_counts_it(app: Flask) -> None:
    factories.work_days()
    batch = factories.batch()
    place = {"unit": batch.committee.unit, "committee": batch.committee}
    client = client_of(app, factories.position(Role.OFFICE, **place))

    before = CHAPTER.search(client.get("/").text)
    for _number in range(2):
        factories.application(ApplicationState.AT_OFFICE, batch=batch)
    after = CHAPTER.search(client.get("/").text)

    assert before
    assert before[1] is None
    assert "count" not in before[2]
    assert after
    assert after[1]
    assert '<span class="count">2</span>' in after[2]
