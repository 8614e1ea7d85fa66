"""Fills a rehearsal with invented people and their cases."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from app.demo import days, posting
from app.models import Person, User
from app.rehearsal import casting, playing, scenes
from app.rehearsal.scenes import SIZES
from app.rehearsal.world import IsTaken, RehearsalWorld, Unmistaken

SEED = 20251013
NOTES = 5
"""Number of reasons told why cases stopped where they are."""


def invent(
    session: Session, source: Connection, *, size: str, moves: bool, at: datetime
) -> Iterator[str]:
    """Invent people and cases; yield sentences about what is other than in the database in force.

    `moves` lets batches that have not begun yet begin now. The caller commits.
    """
    inventor = Unmistaken(SEED, _names_of(source))
    world = RehearsalWorld(session, days.known(session, at), inventor)
    batches = scenes.open_batches(session, world.days.today)
    for batch in batches if moves else ():
        if sentence := scenes.move_forward(batch, world.days.today):
            yield sentence
    session.flush()
    casting.administrators(world)
    played = list(scenes.choose(world, batches, SIZES[size]))
    for scene in played:
        casting.cast(world, scene, SIZES[size])
    casting.own_roles(world)
    for scene in played:
        playing.plan(world, scene)
    world.run()
    session.execute(update(User).values(is_demo=True))
    posting.deliver(session)
    yield from world.refused[:NOTES]
    if sentence := scenes.too_few(played):
        yield sentence


def _names_of(source: Connection) -> IsTaken:
    """Return the question whether somebody of the database in force has a name."""

    def is_taken(name: str) -> bool:
        return (
            source.execute(select(Person.id).where(Person.name == name).limit(1)).first()
            is not None
        )

    return is_taken
