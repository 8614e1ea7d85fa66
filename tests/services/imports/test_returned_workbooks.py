"""Every import against everything that happens to a workbook outside: read right, or refused by name."""

import copy
import os
from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.engine import Refused
from tests.services.imports.harmful import HARMFUL
from tests.services.imports.harmless import HARMLESS
from tests.services.imports.importers import IMPORTERS, Importer

ALL = tuple(IMPORTERS)
DIFFERENT = ("1.2.5", "1.3.1", "people")
"""1.3.2 and 1.3.3 read their sheets as 1.3.1 does, the roster as the people; LONG=1 asks all."""


@pytest.fixture(params=ALL if os.environ.get("LONG") else DIFFERENT)
def importer(app: Flask, request: pytest.FixtureRequest) -> Importer:
    return IMPORTERS[request.param](app)


@pytest.mark.parametrize("disturbance", HARMLESS)
def test_harmless_change_is_read_right(importer: Importer, disturbance: str) -> None:
    draft = copy.deepcopy(importer.draft)
    HARMLESS[disturbance](importer, draft)

    assert importer.read(draft.to_bytes()) == importer.expected


@pytest.mark.parametrize("disturbance", HARMFUL)
def test_harmful_change_is_refused_by_name(importer: Importer, disturbance: str) -> None:
    draft = copy.deepcopy(importer.draft)
    words = HARMFUL[disturbance](importer, draft)

    with pytest.raises(Refused) as refused:
        importer.read(draft.to_bytes())

    assert [word for word in words if word not in refused.value.sentence] == []


DAYS = [
    "1985-03-11", "1985/3/11", "1985.3.11", "1985年3月11日", "1985年03月11号", "19850311", "1985 年 3 月 11 日",
    "１９８５．３．１１", "1985－3－11", "1985-03-11 00:00:00", "1985/3/11 0:00", 19850311, date(1985, 3, 11),
]  # fmt: skip
NO_DAYS = [
    "1985.3",
    "85-3-11",
    "1985-3-32",
    "3/11/1985",
    "一九八五年",
    "1985-3-1 1",
    31117,
    "1985/3-11",
]
WITH_DAYS = {"people": "birth_date", "roster": "title_since"}
"""A column with a day of each import that has one."""


@pytest.mark.parametrize("kind", WITH_DAYS)
@pytest.mark.parametrize("typed", DAYS, ids=str)
def test_day_is_read_as_people_write_it(app: Flask, kind: str, typed: Any) -> None:
    importer = IMPORTERS[kind](app)
    draft = importer.draft
    draft.set(1, importer.headings[WITH_DAYS[kind]], typed)

    found = importer.read(draft.to_bytes())

    assert date(1985, 3, 11) in found["E12345678"]


@pytest.mark.parametrize("kind", WITH_DAYS)
@pytest.mark.parametrize("typed", NO_DAYS, ids=str)
def test_what_is_no_day_is_refused_by_name(app: Flask, kind: str, typed: Any) -> None:
    importer = IMPORTERS[kind](app)
    heading = importer.headings[WITH_DAYS[kind]]
    importer.draft.set(1, heading, typed)

    with pytest.raises(Refused, match=f"Row 4: {heading}: “{typed}” is no day"):
        importer.read(importer.draft.to_bytes())
