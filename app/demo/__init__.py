"""Demonstration data: a small invented province in which every state of every record occurs.

Nearly all changes go through the engine, at the times the story sets, so that timelines, receipts and
messages are those the program itself would have written.
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
"""Seed of the random generator: the day Order 40 came into force. Constant, so that data stay the same."""


def load(session: Session, at: datetime, seed: int = SEED) -> World:
    """Create the demonstration data around the time `at` and return its World; the caller commits."""
    world = World(session, days.known(session, at), Inventor(seed))
    founding.create_base_data(world)
    world.run()
    preparing.plan_batches(world)
    preparing.plan_quotas(world)
    staff = session.scalars(select(User).order_by(User.id)).all()
    story.run_story(world)
    passwords.set_passwords(session, staff, at)
    posting.deliver(session)
    return world


def accounts() -> dict[str, Any]:
    """Return the demonstration accounts: user name → password, positions (role and organisation) and name."""
    return passwords.listing()
