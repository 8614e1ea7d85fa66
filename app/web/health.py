"""GET /healthz: report whether the database answers, for load balancers and operators; no sign-in."""

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
            # this table exists only in a database prepared by `flask prepare`
            connection.execute(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError as error:
        log.warning("the database does not answer: %s", type(error).__name__)
        return {"status": "unavailable", **answer}, 503
    return {"status": "ok", **answer}, 200
