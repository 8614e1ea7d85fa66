"""GET /healthz: does the database answer? For load balancers and people with curl; no sign-in."""

import logging

from flask import Blueprint, current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db

blueprint = Blueprint("health", __name__)
log = logging.getLogger(__name__)


@blueprint.get("/healthz")
def healthz() -> tuple[dict[str, str], int]:
    answer = {"database": db.engine.dialect.name, "version": current_app.config["VERSION"]}
    try:
        with db.engine.connect() as connection:
            # a table that only a prepared database has
            connection.execute(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError as error:
        log.warning("the database does not answer: %s", type(error).__name__)
        return {"status": "unavailable", **answer}, 503
    return {"status": "ok", **answer}, 200
