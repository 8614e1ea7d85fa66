"""Measure pages with and without changed words in one run: `python -m bench.words --words 200`.

Uses the database of DATABASE_URL, alternates between the two and prints, per page, statements and milliseconds of
the processor (median) without and with that many changed words of either language. The words are taken out at the end.
"""

import argparse
import logging
import statistics
import time
from collections import defaultdict
from itertools import islice

from flask.testing import FlaskClient
from sqlalchemy import delete

from app import create_app
from app.enums import Role
from app.extensions import db
from app.models import CustomValue
from app.services.customising import words
from bench import pages_data
from bench.timing import timed

ROUNDS = 9
REPEATED = 5
"""Requests after each change of which the first, that reads the words, is left out."""
PAGES = {
    Role.HRSS: ("/", "/g/1.1.4/", "/g/statistics/charts"),
    Role.UNIT: ("/", "/g/1.1.1/", "/g/1.1.4/"),
    Role.SYSADMIN: ("/g/units/",),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.words", description=__doc__)
    parser.add_argument("--words", type=int, default=200)
    options = parser.parse_args()
    app = create_app({"DEMO": False, "WTF_CSRF_ENABLED": False, "TRUSTED_HOSTS": ["localhost"]})
    logging.disable()
    with app.app_context():
        for role, pages in PAGES.items():
            client = pages_data.reader(app, pages_data.position(role))
            for page in pages:
                print(_line(client, f"{role.value:8} {page:22}", page, options.words), flush=True)


def _line(client: FlaskClient, name: str, page: str, count: int) -> str:
    taken, sent = defaultdict(list), {}
    for _round in range(ROUNDS):
        for number in (0, count):
            _change(number)
            for at in range(REPEATED):
                with timed() as statements:
                    start = time.process_time()
                    client.get(page)
                    if at:
                        taken[number].append((time.process_time() - start) * 1000)
                        sent[number] = len(statements.statements)
    _change(0)
    figures = [f"{sent[n]} statements {statistics.median(taken[n]):6.1f} ms" for n in (0, count)]
    return f"{name} without {figures[0]}, with {count} words {figures[1]}"


def _change(number: int) -> None:
    """Let `number` words differ from the program's own, all others be as they come."""
    db.session.execute(delete(CustomValue).where(CustomValue.area == words.AREA))
    plain = (word for word in words.items().values() if len(word.forms) == 1 and word.text)
    for word in islice(plain, 0, number * 20, 20):
        value = f"{word.forms[0]}·"
        db.session.add(CustomValue(area=words.AREA, target=word.target, key=word.key, value=value))
    db.session.commit()


if __name__ == "__main__":
    main()
