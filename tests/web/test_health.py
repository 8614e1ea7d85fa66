"""GET /healthz."""

from pathlib import Path

from flask.testing import FlaskClient

from app import create_app
from app.extensions import db
from config import VERSION


def test_healthz_says_ok_without_sign_in(client: FlaskClient) -> None:
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json == {
        "status": "ok",
        "database": db.engine.dialect.name,
        "version": VERSION,
    }


def test_healthz_says_unavailable_without_a_database(tmp_path: Path) -> None:
    gone = f"sqlite:///{tmp_path}/no-such-folder/none.db"
    application = create_app({"SQLALCHEMY_DATABASE_URI": gone, "TRUSTED_HOSTS": ["localhost"]})

    response = application.test_client().get("/healthz")

    assert response.status_code == 503
    assert response.json is not None
    assert response.json["status"] == "unavailable"
