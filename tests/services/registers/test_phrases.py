"""Canned phrases: whose are offered, how many there may be, and what is refused."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app import scopes
from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground.actor import Actor
from app.models import Phrase
from app.services.registers import phrases
from tests.support import factories as f


@pytest.fixture(autouse=True)
def none_yet(app: Flask) -> None:
    """Take the phrases away with which an installation begins."""
    db.session.execute(delete(Phrase))


def data(text: str, **values: Any) -> dict[str, Any]:
    return {"text": text, "order": 0, "is_active": True} | values


def keep(text: str, owner: Actor | None = None, **values: Any) -> Phrase:
    role = {} if owner else {"role": "unit"}
    made: Phrase = f.add(phrases.build(data(text, **role | values), owner))
    return made


def offered(actor: Actor) -> list[str]:
    return phrases.offered(scopes.phrases_offered(actor))


def test_own_phrases_come_before_those_of_the_role(app: Flask) -> None:
    clerk = f.actor(Role.UNIT, unit=f.unit())
    keep("材料齐全，同意推荐。", order=2)
    keep("经核对，与原件一致。", order=1)
    keep("请补充学位证书。", clerk)

    assert offered(clerk) == ["请补充学位证书。", "经核对，与原件一致。", "材料齐全，同意推荐。"]


def test_phrases_of_others_and_of_other_roles_are_not_offered(app: Flask) -> None:
    clerk, other = (f.actor(Role.UNIT, unit=f.unit()) for _ in range(2))
    keep("别人的用语", other)
    keep("办公室的用语", role=Role.OFFICE.value)
    keep("停用的用语", clerk, is_active=False)

    assert offered(clerk) == []


def test_own_phrases_stay_with_the_role_they_were_kept_in(app: Flask) -> None:
    clerk = f.actor(Role.UNIT, unit=f.unit())
    keep("单位经办的用语", clerk)
    as_judge = Actor(role=Role.JUDGE, user_id=clerk.user_id, name=clerk.name)

    assert offered(as_judge) == []


def test_one_too_many_is_refused_at_the_tick(app: Flask) -> None:
    clerk = f.actor(Role.UNIT, unit=f.unit())
    kept = [keep(f"用语{number}", clerk) for number in range(phrases.MOST)]

    with pytest.raises(Refused, match="30 phrases are in use already") as refused:
        phrases.build(data("再来一条"), clerk)
    assert refused.value.field == "is_active"
    phrases.write(kept[0], data("改过的用语"))
    phrases.build(data("先存着", is_active=False), clerk)
    keep("角色的用语")


def test_same_wording_twice_is_refused_at_the_wording(app: Flask) -> None:
    clerk = f.actor(Role.UNIT, unit=f.unit())
    kept = keep("材料齐全。", clerk)

    with pytest.raises(Refused, match="there already") as refused:
        phrases.build(data("材料齐全。"), clerk)
    assert refused.value.field == "text"
    phrases.write(kept, data("材料齐全。", order=5))
    db.session.flush()
    assert kept.order == 5


def test_two_windows_keep_a_phrase_of_a_role_once(app: Flask, session: Session) -> None:
    session.commit()
    gate = Barrier(4, timeout=60)

    def press(_number: int) -> bool:
        with app.app_context():
            gate.wait()
            try:
                keep("材料齐全。")
                db.session.commit()
            except Refused:
                db.session.rollback()
                return False
            finally:
                db.session.remove()
            return True

    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(press, range(4)))

    assert sorted(kept) == [False, False, False, True]
