"""What is read once is read again as soon as the database would answer something else."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app.ground import read_once
from app.models import Unit
from tests.support import factories as make
from tests.support.counting import statements


def names(session: Session) -> list[str]:
    return read_once.of(
        session,
        "names",
        (Unit,),
        lambda: list(session.scalars(select(Unit.name).order_by(Unit.id))),
    )


def test_second_question_asks_the_database_nothing(session: Session) -> None:
    make.unit("甲")
    names(session)

    with statements() as sent:
        names(session)

    assert sent == []


def add(session: Session) -> None:
    session.add(
        Unit(credit_code=make.credit_code(), name="丙", kind="public", region_code="430100")
    )


def rename(session: Session) -> None:
    session.scalars(select(Unit)).one().name = "丙"


def rename_many(session: Session) -> None:
    session.execute(update(Unit).values(name="丙"))


def rename_in_the_table(session: Session) -> None:
    session.execute(update(Unit.__table__).values(name="丙"))


def rename_by_hand(session: Session) -> None:
    session.execute(text("UPDATE unit SET name = '丙'"))


@pytest.mark.parametrize("write", [add, rename, rename_many, rename_in_the_table, rename_by_hand])
def test_own_writes_are_seen(session: Session, write: Callable[[Session], None]) -> None:
    make.unit("甲")
    before = list(names(session))

    write(session)

    assert "丙" in names(session)
    assert "丙" not in before


def forget_by_commit(session: Session) -> None:
    session.commit()


def forget_by_rollback(session: Session) -> None:
    session.rollback()


def forget_by_lock(session: Session) -> None:
    session.scalars(select(Unit).with_for_update()).all()


@pytest.mark.parametrize("end", [forget_by_commit, forget_by_rollback, forget_by_lock])
def test_others_writes_are_seen_after_the_transaction_and_after_a_lock(
    session: Session, end: Callable[[Session], None]
) -> None:
    make.unit("甲")
    names(session)
    end(session)

    with statements() as sent:
        names(session)

    assert len(sent) == 1


def test_other_tables_do_not_matter(session: Session) -> None:
    make.unit("甲")
    names(session)
    make.person()
    session.flush()

    with statements() as sent:
        names(session)

    assert sent == []


def test_many_are_read_at_once_and_only_those_not_known(session: Session) -> None:
    asked: list[list[int]] = []

    def read(missing: list[int]) -> dict[int, str]:
        asked.append(list(missing))
        return {key: f"{key}" for key in missing if key != 3}

    first = read_once.of_many(session, "texts", [1, 2, 3], (Unit,), read, "")
    second = read_once.of_many(session, "texts", [3, 4], (Unit,), read, "")

    assert (first, second) == ({1: "1", 2: "2", 3: ""}, {3: "", 4: "4"})
    assert asked == [[1, 2, 3], [4]]
