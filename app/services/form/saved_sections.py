"""The saved sections of an application, read once for everything a page asks about them."""

from sqlalchemy import select
from sqlalchemy.orm import object_session

from app.extensions import db
from app.ground import read_once
from app.models import Application, Section


def of(application: Application) -> dict[str, Section]:
    """Return the saved sections by key."""
    session = object_session(application) or db.session()
    query = select(Section).where(Section.application_id == application.id)
    found = read_once.of(
        session,
        ("sections", application.id),
        (Section,),
        lambda: session.scalars(query).all(),
    )
    return {one.key: one for one in found}
