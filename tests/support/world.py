"""Create two separate provinces in one database, so that every menu has own rows and rows of others.

Created once per test module, whose tests must not change it; sessions are opened without a password.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import scopes
from app.enums import (
    ApplicationState,
    BatchState,
    ExpertState,
    ExtensionState,
    FilingState,
    MeetingMode,
    ObjectionState,
    PlanState,
    QuotaState,
    ReviewStep,
    Role,
    RoundState,
    RouteState,
    SeatRole,
    SeatState,
    UnitKind,
)
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import (
    Application,
    Attachment,
    AuditLog,
    ChangeSet,
    Committee,
    Consent,
    EligibilityRule,
    OwnRole,
    Person,
    Phrase,
    Position,
    StoredFile,
    TransitionLog,
    Unit,
    User,
)
from app.models.base import Stateful
from app.services.files import attached_files
from app.services.ground.audit import audit
from tests.services.dossiers import picture
from tests.support import factories as make
from tests.support import rights
from tests.support.databases import Prepared
from tests.support.signing import english, opened, signed_in

MODELS = (
    *scopes.VISIBLE,
    Consent,
    ChangeSet,
    OwnRole,
    Unit,
    Committee,
    User,
    Position,
    Person,
    Phrase,
    AuditLog,
    TransitionLog,
)
OWN_IDS = dict[type[Any], set[int]]
PARTS = {
    "pk": 1, "key": "basic", "event": "give_up", "attachment": 1, "act": "disable", "version": 1, "section": "basic",
    "field": "nation", "kind": "order", "place": 0, "token": "none", "held": 1, "name": "ApplicationQueryView", "year": 2027, "number": 1,
}  # fmt: skip
"""Parts of addresses; where the key is that of a parameter, the page answers before it looks."""
PROPOSED = (
    (Role.UNIT, ApplicationState.AT_UNIT, "check_pass"),
    (Role.SUPERIOR, ApplicationState.AT_SUPERIOR, "superior_pass"),
    (Role.OFFICE, ApplicationState.AT_OFFICE, "office_pass"),
)
"""What a handler of each role has proposed, of an application in this state."""
BEFORE_THE_OWN_DESK = (
    (Role.UNIT, ApplicationState.AT_UNIT),
    (Role.UNIT, ApplicationState.NOTICE_OVER),
    (Role.UNIT, ApplicationState.DISPUTED),
    (Role.SUPERIOR, ApplicationState.AT_SUPERIOR),
    (Role.OFFICE, ApplicationState.AT_OFFICE),
)


@dataclass
class Side:
    """One of the two: who works there, and the numbers of its rows."""

    actors: dict[Role, Actor] = field(default_factory=dict)
    ids: OWN_IDS = field(default_factory=dict)
    files: dict[int, tuple[type[Any], int]] = field(default_factory=dict)
    """Attachment → (model, record)."""
    own_cases: dict[tuple[Role, ApplicationState], int] = field(default_factory=dict)
    """Applications that somebody of staff filed and that now stand before that very position."""
    own_objection: int = 0


class World:
    """Both sides, and somebody of every role of the first one, with a client and with a token."""

    def __init__(self, own: Side, other: Side, application: Flask) -> None:
        self.own, self.other = own, other
        self.anonymous = application.test_client()
        self.clients = {role: enter(application, actor) for role, actor in own.actors.items()}
        self.tokens = {role: token(actor) for role, actor in own.actors.items()}

    def states(self) -> dict[str, Any]:
        """Return what no refused request may change: every state, every version, the number of log rows."""
        db.session.rollback()
        found: dict[str, Any] = {
            model.__tablename__: db.session.execute(
                select(model.id, model.state, model.version).order_by(model.id)
            ).all()
            for model in MODELS
            if issubclass(model, Stateful)
        }
        for model in (TransitionLog, Attachment, StoredFile, Position):
            found[model.__tablename__] = db.session.scalar(select(func.count()).select_from(model))
        db.session.rollback()
        return found


@contextmanager
def inhabited(application: Flask, prepared: Prepared) -> Iterator[World]:
    """Make both sides and sign everybody of the first one in; everything is gone afterwards."""
    with application.app_context():
        make.work_days()
        before, shared = _ids(), _shared_actors()
        make.consent(make.user(), make.actor(Role.SYSADMIN))
        make.change_set(make.actor(Role.SECADMIN))
        rights.own_role()
        audit("parameter", actor=make.actor(Role.SYSADMIN), subject="notice_days", details={})
        own = _side("430100", before, shared)
        other = _side("430700", _ids(), {})
        db.session.commit()
        world = World(own, other, application)
        own.ids[AuditLog] = _ids()[AuditLog]
        own.ids[Phrase] |= set(
            db.session.scalars(select(Phrase.id).where(Phrase.user_id.is_(None)))
        )
        other.ids[EligibilityRule] = set()
        own.ids[EligibilityRule] = set(db.session.scalars(select(EligibilityRule.id)))
        yield world
        db.session.rollback()
        db.session.remove()
        prepared.restore()


def enter(application: Flask, actor: Actor) -> FlaskClient:
    """Return a client with a session of `actor`'s position, which reads English."""
    position = db.session.get_one(Position, actor.position_id)
    return english(signed_in(application.test_client(), position))


def token(actor: Actor) -> str:
    """Return a token of `actor`'s position for the interface for programs."""
    return opened(db.session.get_one(User, actor.user_id), actor.position_id, "api")


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def _ids() -> OWN_IDS:
    db.session.flush()
    return {model: set(db.session.scalars(select(model.id))) for model in MODELS}


def _shared_actors() -> dict[Role, Actor]:
    """The three administrators belong to no side."""
    return {role: make.actor(role) for role in Role if role.is_maintenance}


def _side(region: str, before: OWN_IDS, actors: dict[Role, Actor]) -> Side:
    bureau, organiser, superior = (
        make.unit(kind=UnitKind.AUTHORITY, region_code=region) for _count in range(3)
    )
    school = make.unit(kind=UnitKind.PUBLIC, region_code=region, parent=superior)
    committee = make.committee(unit=organiser, region_code=region)
    staff = {
        Role.UNIT: make.position(Role.UNIT, unit=school),
        Role.SUPERIOR: make.position(Role.SUPERIOR, unit=superior),
        Role.OFFICE: make.position(Role.OFFICE, committee=committee),
        Role.HRSS: make.position(Role.HRSS, unit=bureau),
        Role.JUDGE: make.position(Role.JUDGE, committee=committee),
        Role.SUPERVISOR: make.position(Role.SUPERVISOR, committee=committee),
        Role.APPLICANT: make.position(Role.APPLICANT, person=make.person(unit=school)),
    }
    actors = actors | {role: make.actor_of(position) for role, position in staff.items()}
    places: dict[Role, dict[str, Any]] = {
        Role.UNIT: {"unit": school},
        Role.SUPERIOR: {"unit": superior},
        Role.OFFICE: {"committee": committee},
    }
    for role, place in places.items():
        make.deputy(staff[role], make.position(role, **place))
    _before_the_meeting(school, superior, committee, actors)
    _the_meeting(school, superior, committee, staff[Role.JUDGE], actors)
    _the_online_result(school, superior, committee, staff[Role.JUDGE])
    own_cases, own_objection = _own_cases(school, superior, committee, actors)
    for role, actor in actors.items():
        make.phrase(role=role, user_id=actor.user_id)
    _log_row()
    ids = {model: found - before[model] for model, found in _ids().items()}
    side = Side(actors, ids, own_cases=own_cases, own_objection=own_objection)
    _attach_to_everything(side)
    return side


def _before_the_meeting(
    school: Unit, superior: Unit, committee: Committee, actors: dict[Role, Actor]
) -> None:
    batch = make.batch(committee=committee)
    for ahead, state in enumerate((BatchState.SUBMITTED, BatchState.RETURNED), start=1):
        make.batch(committee=committee, state=state, review_year=make.today().year + ahead)
    for state in (ExtensionState.IN_FORCE, ExtensionState.PROPOSED):
        make.extension(batch, region_code=committee.region_code, state=state)
    for unit in (school, superior):
        make.route(committee, unit, state=RouteState.PENDING)
        make.route_change(committee, unit)
    for past, state in enumerate((QuotaState.SUBMITTED, QuotaState.RETURNED, QuotaState.APPROVED)):
        make.quota(school, state=state, review_year=make.today().year - past)
    usual: dict[str, Any] = {"unit": school, "batch": batch, "superiors": (superior,)}
    me = db.session.get_one(Person, actors[Role.APPLICANT].person_id)
    make.application(ApplicationState.DRAFT, person=me, **usual)
    for state in (
        ApplicationState.AT_UNIT,
        ApplicationState.CHECKED,
        ApplicationState.NOTICE_OVER,
        ApplicationState.AT_SUPERIOR,
        ApplicationState.AT_OFFICE,
    ):
        make.application(state, **usual)
    named, disputed = (
        make.application(state, **usual)
        for state in (ApplicationState.IN_NOTICE, ApplicationState.DISPUTED)
    )
    notice = make.notice([named, disputed], unit=school)
    make.objection(notice, disputed)
    make.objection(notice, disputed, unit_id=superior.id, handler_role=Role.SUPERIOR)
    closed = make.unit(
        kind=UnitKind.PUBLIC, region_code=school.region_code, parent=superior, is_active=False
    )
    make.application(ApplicationState.AT_UNIT, unit=closed, batch=batch)
    make.expert(committee)
    _on_the_way_into_the_pool(school, committee, me)
    _barred_and_changing(usual)
    for role, state, event in PROPOSED:
        make.proposal(make.application(state, **usual), actors[role], event)


def _barred_and_changing(usual: dict[str, Any]) -> None:
    """Barred people whom unit, office and authority take out; a change of employment."""
    school = usual["unit"]
    for state in (
        ApplicationState.CHECKED,
        ApplicationState.QUALIFIED,
        ApplicationState.IN_FILING,
    ):
        person = make.person(unit=school, banned_until=make.in_days(30))
        make.application(state, person=person, **usual)
    make.employment_change(make.person(unit=school))


def _on_the_way_into_the_pool(school: Unit, committee: Committee, me: Person) -> None:
    make.expert(committee, person=me)
    for state in (ExpertState.APPLIED, ExpertState.RECOMMENDED):
        make.expert(committee, person=make.person(unit=school), state=state)
    make.relation(me)
    for person in (make.person(unit=school), make.person(unit=school)):
        make.expert_account(committee, person=person)


def _the_meeting(
    school: Unit, superior: Unit, committee: Committee, judge: Position, actors: dict[Role, Actor]
) -> None:
    batch = make.batch(committee=committee, review_year=make.today().year - 1)
    usual: dict[str, Any] = {"unit": school, "superiors": (superior,)}
    begun = {"opens_on": make.in_days(-3), "closes_on": make.in_days(3), "batch": batch}
    online = make.plan(mode=MeetingMode.ONLINE, steps=[step.value for step in ReviewStep], **begun)
    seat = make.seat(online, judge.user)
    heard = make.application(ApplicationState.IN_REVIEW, plan=online, **usual)
    make.assign(seat, heard)
    make.interview(heard)
    make.draw(online)
    make.ballot_round(online, heard, seats=(seat,), state=RoundState.OPEN)
    kept_from = make.application(ApplicationState.IN_REVIEW, plan=online, **usual)
    make.recusal(kept_from, judge.user)
    make.recusal(kept_from)
    offline = make.plan(**begun, state=PlanState.APPROVED)
    make.application(ApplicationState.IN_REVIEW, plan=offline, **usual)
    for state in (PlanState.REPORTED, PlanState.RETURNED, PlanState.ENTERED):
        make.plan(batch=batch, state=state)
    over = make.plan(**begun, state=PlanState.CONCLUDED)
    public, disputed, filed = (
        make.application(state, plan=over, **usual)
        for state in (
            ApplicationState.IN_RESULT_NOTICE,
            ApplicationState.RESULT_DISPUTED,
            ApplicationState.IN_FILING,
        )
    )
    for one in (public, disputed, filed):
        make.result(over, one)
    notice = make.notice([public, disputed], plan=over)
    make.objection(notice, disputed, state=ObjectionState.OPEN)
    make.filing(over)
    make.filing(make.plan(batch=batch, state=PlanState.CONCLUDED), state=FilingState.RETURNED)
    for role in (Role.APPLICANT, Role.JUDGE, Role.SUPERVISOR):
        holder = db.session.get_one(Person, actors[role].person_id)
        case = make.application(
            ApplicationState.CERTIFIED, person=holder, batch=batch, office_at=clock.now(), **usual
        )
        make.certificate(case)
        make.integrity_record(case)


def _the_online_result(school: Unit, superior: Unit, committee: Committee, judge: Position) -> None:
    """Make a meeting whose result is computed and waits for its signatures, after a round on paper."""
    batch = make.batch(committee=committee, review_year=make.today().year - 9)
    plan = make.plan(
        batch=batch, mode=MeetingMode.ONLINE, state=PlanState.ENTERED, opens_on=make.in_days(-3),
        closes_on=make.in_days(-2),
    )  # fmt: skip
    make.seat(plan, judge.user, role=SeatRole.CHAIR, state=SeatState.PRESENT)
    case = make.application(
        ApplicationState.IN_REVIEW, plan=plan, unit=school, superiors=(superior,)
    )
    make.ballot_round(plan, case, is_on_paper=True, state=RoundState.ENTERED)
    make.result(plan, case)
    make.plan_change(plan)


def _own_cases(
    school: Unit, superior: Unit, committee: Committee, actors: dict[Role, Actor]
) -> tuple[dict[tuple[Role, ApplicationState], int], int]:
    batch = make.batch(committee=committee, review_year=make.today().year - 2)
    found: dict[tuple[Role, ApplicationState], Application] = {}
    for place, (role, state) in enumerate(BEFORE_THE_OWN_DESK):
        colleague = db.session.get_one(Person, actors[role].person_id)
        found[role, state] = make.application(
            state, person=colleague, unit=school, batch=batch, superiors=(superior,),
            review_year=make.today().year - 3 - place,
        )  # fmt: skip
    disputed = found[Role.UNIT, ApplicationState.DISPUTED]
    raised = make.objection(make.notice([disputed], unit=school), disputed)
    return {key: case.id for key, case in found.items()}, raised.id


def _log_row() -> None:
    now = clock.now()
    make.add(
        TransitionLog(
            at=now, subject_type="application", subject_id=1, event="submit", source="draft",
            target="at_unit", actor_name="张三", actor_role=Role.APPLICANT,
        )
    )  # fmt: skip


def _attach_to_everything(side: Side) -> None:
    """Attach one stored picture to every record that has a scope."""
    stored = attached_files.store(BytesIO(picture()), "proof.png")
    db.session.flush()
    for model in scopes.VISIBLE:
        for key in sorted(side.ids[model]):
            made = make.add(
                Attachment(
                    subject_type=model.__tablename__, subject_id=key, kind="proof",
                    name="proof.png", file_id=stored.id,
                )
            )  # fmt: skip
            side.files[made.id] = (model, key)
