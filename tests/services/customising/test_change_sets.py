"""Sets of changes: collecting, publishing, scheduling, undoing, and what is refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Refused
from app.enums import ChangeSetState, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import AuditLog, ChangeSet, Override, TransitionLog
from app.services.accounts.two_administrators import SecondNeeded
from app.services.customising import change_lines, change_sets
from app.services.jobs import scheduled_jobs
from app.views.customising.rights_catalogue import RIGHTS
from tests.support import factories as make
from tests.support.counting import statements
from tests.support.rights import EXPORT, OWN, REPORT, collected, holds, published, refusal


@pytest.fixture
def secadmin(session: Session) -> Actor:
    return make.actor(Role.SECADMIN, user=make.user("周安"))


@pytest.fixture
def colleague(session: Session) -> Actor:
    return make.actor(Role.SECADMIN, user=make.user("吴全"))


def test_a_draft_changes_nothing(secadmin: Actor) -> None:
    draft = collected(secadmin, {REPORT: False})

    assert (draft.state, draft.size) == (ChangeSetState.DRAFT, 1)
    assert holds(REPORT)


def test_a_value_that_holds_leaves_the_draft(secadmin: Actor) -> None:
    collected(secadmin, {REPORT: False, EXPORT: False})

    draft = collected(secadmin, {REPORT: True})

    assert [(one.target, one.new) for one in draft.overrides] == [("ApplicationQueryView", False)]


def test_publishing_writes_values_log_and_audit_in_one_transaction(secadmin: Actor) -> None:
    done = published(secadmin, {REPORT: False, EXPORT: False})

    log = db.session.scalars(select(TransitionLog).filter_by(event="publish")).one()
    audited = db.session.scalars(select(AuditLog).filter_by(kind="revoke")).all()
    assert (done.state, holds(REPORT), holds(EXPORT)) == (ChangeSetState.PUBLISHED, False, False)
    assert len(log.details["changes"]) == 2
    assert {row.subject for row in audited} == {"unit"}
    assert len(audited) == 2


def test_undo_brings_back_the_values_before(secadmin: Actor, colleague: Actor) -> None:
    done = published(secadmin, {REPORT: False})

    change_sets.undo(colleague, done, at=clock.now())

    assert (done.state, done.undone_by, holds(REPORT)) == (ChangeSetState.UNDONE, "吴全", True)


def test_undo_and_a_set_built_on_it_at_once_are_one_of_the_two(
    app: Flask, secadmin: Actor, colleague: Actor
) -> None:
    first, second = published(secadmin, {REPORT: False}), collected(colleague, {REPORT: True})
    keys, gate = (first.id, second.id), Barrier(2, timeout=60)
    db.session.commit()

    def press(is_undo: bool) -> str:
        with app.app_context():
            gate.wait()
            done = db.session.get_one(ChangeSet, keys[0] if is_undo else keys[1])
            act = (
                partial(change_sets.undo, secadmin)
                if is_undo
                else partial(change_sets.publish, colleague, note="")
            )
            said = refusal(lambda: act(done, at=clock.now()))
            db.session.commit()
            db.session.remove()
            return said

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(press, (True, False)))

    assert [bool(one) for one in told].count(True) == 1


def test_undo_is_refused_where_a_later_set_built_on_it(secadmin: Actor, colleague: Actor) -> None:
    first = published(secadmin, {REPORT: False, EXPORT: False})
    second = published(colleague, {REPORT: True})

    said = refusal(lambda: change_sets.undo(secadmin, first, at=clock.now()))
    change_sets.undo(secadmin, second, at=clock.now())
    change_sets.undo(secadmin, first, at=clock.now())

    assert f"Set {second.id} of 吴全 changed the same later" in said
    assert "Unit clerk" in said
    assert (holds(REPORT), holds(EXPORT)) == (True, True)


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (("NoView", "can_list", "unit"), "There is nothing of this name"),
        (("UnitReportView", "can_fly", "unit"), "There is nothing of this name"),
        (("UnitReportView", "can_list", "emperor"), "There is no role “emperor”"),
        (("AccountView", "can_list", "unit"), "belongs to the administrators"),
        (("UnitReportView", "can_report", "hrss"), "No rule of the procedure"),
        (("MeetingSeatView", "can_list", "hrss"), "the names of judges"),
    ],
)
def test_what_could_never_hold_is_refused_when_it_is_entered(
    cell: tuple[str, str, str], sentence: str, secadmin: Actor
) -> None:
    said = refusal(lambda: change_sets.collect(secadmin, RIGHTS, {cell: True}, at=clock.now()))

    assert sentence in said
    assert change_sets.draft_of(secadmin) is None


def test_the_own_role_is_changed_by_nobody(secadmin: Actor) -> None:
    cell = ("GrantView", "can_list", "secadmin")

    said = refusal(lambda: change_sets.collect(secadmin, RIGHTS, {cell: False}, at=clock.now()))

    assert "the own role" in said


def test_collision_with_a_colleagues_draft_is_refused_with_names(
    secadmin: Actor, colleague: Actor
) -> None:
    theirs = collected(secadmin, {REPORT: False})

    said = refusal(lambda: change_sets.collect(colleague, RIGHTS, {REPORT: False}, at=clock.now()))

    assert f"周安 changes this already in set {theirs.id} (Draft)" in said


def test_draft_of_who_is_no_administrator_any_more_holds_up_nobody(secadmin: Actor) -> None:
    position = make.position(Role.SECADMIN, user=make.user())
    collected(make.actor_of(position), {REPORT: False})
    position.is_active = False

    assert collected(secadmin, {REPORT: False}).size == 1


def test_only_the_author_publishes_a_draft(secadmin: Actor, colleague: Actor) -> None:
    draft = collected(secadmin, {REPORT: False})

    said = refusal(lambda: change_sets.publish(colleague, draft, note="", at=clock.now()))

    assert said.startswith("This is the draft of 周安, who alone")
    assert holds(REPORT)


def test_draft_that_changed_since_the_page_was_read_is_not_published(secadmin: Actor) -> None:
    seen = collected(secadmin, {REPORT: False}).version
    draft = collected(secadmin, {EXPORT: False})

    with pytest.raises(Refused):
        change_sets.publish(secadmin, draft, note="", at=clock.now(), seen=seen)


def test_what_a_colleague_published_meanwhile_leaves_the_set(
    secadmin: Actor, colleague: Actor
) -> None:
    draft = collected(secadmin, {REPORT: False, EXPORT: False})
    view, permission, role = REPORT
    item = RIGHTS.items()[view, permission]
    RIGHTS.write(colleague, item, role, False, None)

    change_sets.publish(secadmin, draft, note="", at=clock.now())
    change_sets.undo(secadmin, draft, at=clock.now())

    assert [one.target for one in draft.overrides] == ["ApplicationQueryView"]
    assert (holds(REPORT), holds(EXPORT)) == (False, True)


def test_set_in_which_everything_holds_already_is_not_published(
    secadmin: Actor, colleague: Actor
) -> None:
    draft = collected(secadmin, {REPORT: False})
    RIGHTS.write(colleague, RIGHTS.items()[REPORT[:2]], REPORT[2], False, None)
    db.session.commit()

    said = refusal(lambda: change_sets.publish(secadmin, draft, note="", at=clock.now()))

    assert said == "All of this holds already; discard the draft."


def test_menu_of_administrators_needs_a_second_one(secadmin: Actor) -> None:
    draft = collected(secadmin, {OWN: False})

    with pytest.raises(SecondNeeded):
        change_sets.publish(secadmin, draft, note="", at=clock.now())
    assert holds(OWN)


def test_scheduled_set_takes_effect_by_the_clock(session: Session) -> None:
    author = make.actor_of(make.position(Role.SECADMIN, user=make.user()))
    later = clock.now() + timedelta(days=3)
    done = published(author, {REPORT: False}, effective_from=later)

    early = scheduled_jobs.run(later - timedelta(seconds=1))["changes"]
    held = holds(REPORT)
    due = scheduled_jobs.run(later)["changes"]

    session.refresh(done)
    assert (early, held) == (0, True)
    assert (due, done.state, holds(REPORT)) == (1, ChangeSetState.PUBLISHED, False)


def test_scheduled_set_of_who_is_no_administrator_any_more_stays(session: Session) -> None:
    position = make.position(Role.SECADMIN, user=make.user())
    later = clock.now() + timedelta(days=3)
    published(make.actor_of(position), {REPORT: False}, effective_from=later)
    position.is_active = False
    session.commit()

    assert scheduled_jobs.run(later)["changes"] == 0
    assert holds(REPORT)


def test_scheduled_set_goes_back_to_its_author(secadmin: Actor, colleague: Actor) -> None:
    done = published(secadmin, {REPORT: False}, effective_from=clock.now() + timedelta(days=3))

    engine.fire(done, "cancel", actor=colleague, at=clock.now())

    assert change_sets.draft_of(secadmin) is done


def test_scheduled_set_stays_while_its_author_has_another_draft(secadmin: Actor) -> None:
    done = published(secadmin, {REPORT: False}, effective_from=clock.now() + timedelta(days=3))
    collected(secadmin, {EXPORT: False})

    said = refusal(lambda: engine.fire(done, "cancel", actor=secadmin, at=clock.now()))

    assert "has another draft" in said


def test_what_an_upgrade_took_away_is_reported_and_not_applied(secadmin: Actor) -> None:
    done = published(secadmin, {REPORT: False, EXPORT: False})
    draft = collected(secadmin, {("UnitReportView", "can_list", "unit"): False})
    for one in [*done.overrides[:1], *draft.overrides]:
        one.target = "GoneView"
    db.session.commit()

    said = refusal(lambda: change_sets.publish(secadmin, draft, note="", at=clock.now()))
    change_sets.undo(secadmin, done, at=clock.now())

    assert "The program has no longer what this changes: GoneView" in said
    assert (holds(REPORT), holds(EXPORT)) == (False, True)


def test_orphans_of_published_sets_are_named(secadmin: Actor) -> None:
    published(secadmin, {REPORT: False})
    gone = db.session.scalars(select(Override)).one()
    gone.target = "GoneView"
    db.session.commit()

    assert change_sets.orphans() == ["GoneView can_report"]


def test_leaving_out_what_is_gone_says_so(secadmin: Actor, app: Flask) -> None:
    draft = collected(secadmin, {REPORT: False})
    key = draft.overrides[0].id

    gone = change_sets.leave_out(secadmin, {key}, at=clock.now())

    assert (gone, draft.overrides) == (1, [])
    assert "not in your draft any more" in refusal(
        lambda: change_sets.leave_out(secadmin, {key}, at=clock.now())
    )


def test_publishing_costs_a_bounded_number_of_statements_to_ask(secadmin: Actor) -> None:
    """What holds is read once, however many changes a draft has."""
    few = dict.fromkeys((REPORT, EXPORT), False)
    many = {
        (view, permission, "unit"): False
        for (view, permission), right in RIGHTS.items().items()
        if Role.UNIT in right.comes_with
    }
    counts = []
    for values in (few, many):
        draft = collected(secadmin, values)
        with statements() as sent:
            change_lines.lines(draft)
            change_sets.why_two(draft)
            RIGHTS.present(values)
        counts.append(len(sent))

    assert len(many) > 20
    assert counts[0] == counts[1]
