"""Every kind of audit row has words for the auditor."""

import re

from flask import Flask
from sqlalchemy.orm import Session

from app.ground import paths
from app.services.ground.audit import KINDS, audit

APP = paths.APP


def test_every_kind_written_has_a_label() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in APP.rglob("*.py"))

    written = set(re.findall(r"\baudit\(\s*\"(\w+)\"", sources))

    assert {"sign_in", "position_grant"} <= written <= KINDS.keys()


def test_row_outside_of_a_request_has_no_address(app: Flask, session: Session) -> None:
    row = audit("unlock", subject="x" * 500)
    session.flush()

    assert (row.address, row.request_id, len(row.subject)) == ("", "", 200)
