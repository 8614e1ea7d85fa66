"""Measure list pages on the database of DATA_DIR: `make bench`, after `flask load-sample --applications N`.

Prints statements, bytes and milliseconds (median of five) per page, for the province's authority and for an office.
"""

import statistics
import time

from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import create_app
from app.enums import Role
from app.extensions import db
from app.models import Application
from bench import pages_data
from tests.support.counting import statements

ROUNDS = 5
PAGES = {
    Role.HRSS: ("/g/1.1.4/", "/g/1.1.4/?page=400", "/g/1.1.4/?q.state=at_superior", "/g/1.1.4/?q.name=李",
                "/g/1.1.4/?sort=held_since&dir=desc", "/g/1.7.1/"),
    Role.OFFICE: ("/g/1.2.1/", "/g/1.2.1/all/", "/g/1.2.5/candidates/"),
}  # fmt: skip


def main() -> None:
    app = create_app({"DEMO": False, "WTF_CSRF_ENABLED": False, "TRUSTED_HOSTS": ["localhost"]})
    with app.app_context():
        total = db.session.scalar(select(func.count()).select_from(Application))
        print(f"{db.engine.dialect.name}, {total:,} applications, median of {ROUNDS}")
        for role, pages in PAGES.items():
            client = pages_data.reader(app, pages_data.position(role))
            for page in pages:
                print(_line(client, role, page))


def _line(client: FlaskClient, role: Role, page: str) -> str:
    times, answer = [], None
    for _round in range(ROUNDS):
        with statements() as sent:
            start = time.perf_counter()
            answer = client.get(page)
            times.append((time.perf_counter() - start) * 1000)
    assert answer is not None
    return f"{role.value:8} {page:42} {answer.status_code}  {len(sent):3} statements  {len(answer.data):7,} bytes  {statistics.median(times):8.1f} ms"


if __name__ == "__main__":
    main()
