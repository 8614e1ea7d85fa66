"""Demonstration data: a small invented province in which every state of every record occurs.

Nearly everything happens through the engine, at the moments the story gives it, so that timelines, receipts
and messages are what the program itself would have written.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo import accounts as passwords
from app.demo import days, founding, posting, preparing, story
from app.demo.accounts import NoPasswords
from app.demo.inventing import Inventor
from app.demo.world import World
from app.models import User

__all__ = ["SEED", "NoPasswords", "accounts", "load"]

SEED = 20190901
"""The day Order 40 came into force; any number would do, but always the same one."""


def load(session: Session, at: datetime, seed: int = SEED) -> World:
    """Make the demonstration around the moment `at` and return what was made; the caller commits."""
    world = World(session, days.known(session, at), Inventor(seed))
    founding.found(world)
    world.run()
    preparing.plan_batches(world)
    preparing.plan_quotas(world)
    staff = session.scalars(select(User).order_by(User.id)).all()
    story.tell(world)
    passwords.open_all(session, staff, at)
    posting.deliver(session)
    return world


def accounts() -> dict[str, Any]:
    """Return the demonstration accounts: username → password, positions (role and organisation) and name."""
    return passwords.listing()
