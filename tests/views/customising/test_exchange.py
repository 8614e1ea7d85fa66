"""定制 → 导出、导入文件: changed values move to another installation as a draft."""

import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import ChangeSet, CustomValue
from tests.views.customising.test_screens import QUERY, hold


def send(client: FlaskClient, content: str) -> Any:
    data = {"file": (io.BytesIO(content.encode()), "customisation.json")}
    return client.post("/g/customise/import", data=data, content_type="multipart/form-data")


def test_export_is_read_into_a_draft_elsewhere(sysadmin: FlaskClient, session: Session) -> None:
    number = hold(sysadmin, session, QUERY, columns=["number", "name"], size="50")
    exported = sysadmin.get("/g/customise/export.json").text
    sysadmin.post(f"/g/permission-changes/{number}/undo", data={"reason": ""})
    assert session.scalar(select(func.count(CustomValue.id))) == 0

    assert send(sysadmin, exported).status_code == 200
    assert sysadmin.post("/g/customise/collect", data={"content": exported}).status_code == 303
    sysadmin.post("/g/customise/publish", data={"note": ""})
    assert sysadmin.get("/g/customise/export.json").text == exported


def test_dry_run_stores_nothing_and_names_what_it_leaves_out(
    sysadmin: FlaskClient, session: Session
) -> None:
    areas = {
        "screens": {
            QUERY: {"columns": {"*": []}, "size": {"*": "50"}},
            "GoneView": {"label": {"*": "旧"}},
        },
        "rights": {QUERY: {"can_list": {"unit": False}}},
    }
    body = {"kind": "customisation", "format": 1, "areas": areas}
    page = send(sysadmin, json.dumps(body)).text

    assert "1 changes, 2 names that the program does not have, 1 that may not be set" in page
    for name in ("screens GoneView label", f"rights {QUERY} can_list", "at least one column"):
        assert name in page
    assert session.scalar(select(func.count(ChangeSet.id))) == 0


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"kind": "customisation", "format": 2, "areas": {}}',
        '{"kind": "customisation", "format": 1, "areas": {"screens": []}}',
        '{"kind": "customisation", "format": 1, "areas": {"screens": {"x": {"y": 1}}}}',
        '{"kind": "menu-permissions", "format": 1, "rights": {}}',
    ],
)
def test_what_is_no_export_is_refused(sysadmin: FlaskClient, content: str) -> None:
    page = send(sysadmin, content)

    assert page.status_code == 422
    assert sysadmin.post("/g/customise/collect", data={"content": content}).status_code == 422
