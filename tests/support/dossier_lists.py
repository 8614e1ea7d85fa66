"""Make fields of the dossier columns of a list, and give applications a dossier."""

from typing import Any

from app.extensions import db
from app.ground import clock
from app.models import Application, CustomValue, Section
from app.models.dossier_value import DECLARED
from app.services.customising.dossier_area import Listed, listed
from app.services.jobs import scheduled_jobs
from tests.support import factories

TITLE, PUBLISHED, INDEX = "papers.title", "papers.published", "papers.index"
FIELD, WORDS, DURATION = "applying.field", "papers.words", "education.duration"
QUERY = "ApplicationQueryView"


def declare(*keys: str, view: str = QUERY, value: Listed | None = None) -> None:
    """Publish fields as columns of a list, by default shown and searched."""
    usual = listed(is_shown=True, is_searched=True)
    for key in keys:
        factories.add(
            CustomValue(area=DECLARED, target=view, key=key, scope="", value=value or usual)
        )


def fill_in(application: Application, **sections: list[dict[str, Any]]) -> Application:
    """Store sections of a dossier as if they had been submitted before anything was declared."""
    for key, rows in sections.items():
        factories.add(
            Section(application_id=application.id, key=key, rows=rows, saved_at=clock.now())
        )
    return application


def run_clock() -> int:
    """Let the clock process pass once; return how many records of values it took."""
    db.session.commit()
    return scheduled_jobs.run(clock.now())["columns"]
