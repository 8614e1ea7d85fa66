"""Factories of real records: valid by default, each keyword replaces one value.

Records are added to the session and flushed, never committed. Dates are relative to `today()`, which follows
the program's clock and therefore any time travel of the test.
"""

import calendar
import hashlib
import json
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import chinese_calendar
from sqlalchemy import delete, func, select

from app import settings
from app.enums import (
    ApplicationState,
    ApplyMode,
    AssessmentState,
    BatchState,
    CertificateState,
    ChangeSetState,
    DrawState,
    Duty,
    Employment,
    ExpertState,
    ExtensionKind,
    ExtensionState,
    FilingState,
    IntegrityGround,
    InterviewState,
    Level,
    MeetingMode,
    NoticeKind,
    NoticeState,
    ObjectionState,
    OpinionState,
    OverCap,
    PlanChangeState,
    PlanState,
    QuotaKind,
    QuotaState,
    RecusalSource,
    RecusalState,
    RelationKind,
    ReviewStep,
    Role,
    RoundState,
    RouteChangeKind,
    RouteState,
    SeatRole,
    SeatState,
    Sex,
    Stage,
    UnitKind,
)
from app.extensions import db
from app.ground import clock, crypto
from app.ground.actor import Actor
from app.models import (
    Application,
    Assessment,
    Assignment,
    Attachment,
    Batch,
    Certificate,
    ChangeSet,
    Committee,
    CommitteeSpecialty,
    Consent,
    Deputy,
    Draw,
    EmploymentChange,
    Expert,
    ExpertAccount,
    Extension,
    Filing,
    IntegrityRecord,
    Interview,
    Notice,
    NoticeItem,
    Objection,
    Opinion,
    OpinionSigner,
    Person,
    Phrase,
    Plan,
    PlanChange,
    Position,
    Proposal,
    Quota,
    Recusal,
    Region,
    Relation,
    Result,
    Round,
    RoundCandidate,
    RoundVoter,
    RouteChange,
    RouteChangeLine,
    RouteNode,
    RouteStep,
    Seat,
    Series,
    Specialty,
    StoredFile,
    Title,
    Unit,
    User,
    WorkDay,
)
from app.services.accounts import persons
from app.services.form import form_definition
from app.services.meeting.lines import lines_of
from app.services.voting import round_integrity, sealing
from app.validators.credit import credit_check, organisation_check
from app.validators.identity import id_check

_numbers = count(1)
CODES = 10_000
LEADER = "陈为民"
"""A person of every unit with clerks, whose name they type as the one responsible."""
SIGNING = {Role.UNIT, Role.SUPERIOR, Role.OFFICE}
"""So many committee codes there are; a long run of tests takes more numbers than that."""

WITH_APPLICANT = {ApplicationState.DRAFT, ApplicationState.RETURNED, ApplicationState.IN_CORRECTION}
WITH_UNIT = {
    ApplicationState.AT_UNIT,
    ApplicationState.CHECKED,
    ApplicationState.IN_NOTICE,
    ApplicationState.DISPUTED,
    ApplicationState.NOTICE_OVER,
}
BEFORE_OFFICE = (
    WITH_APPLICANT | WITH_UNIT | {ApplicationState.AT_SUPERIOR, ApplicationState.DISCARDED}
)
HELD_BY_NOBODY = {
    ApplicationState.FAILED,
    ApplicationState.CERTIFIED,
    ApplicationState.ENDED,
    ApplicationState.LAPSED,
    ApplicationState.CANCELLED,
    ApplicationState.WITHDRAWN,
    ApplicationState.DISCARDED,
    ApplicationState.REVOKED,
}
UNFROZEN = {
    ApplicationState.DRAFT,
    ApplicationState.DISCARDED,
    ApplicationState.AT_UNIT,
    ApplicationState.RETURNED,
    ApplicationState.CHECKED,
}
NEVER_HANDED_IN = {ApplicationState.DRAFT, ApplicationState.DISCARDED}


def today() -> date:
    return clock.local_date(clock.now())


def in_days(days: int) -> date:
    return today() + timedelta(days=days)


def add(record: Any) -> Any:
    """Put `record` into the session and give it its number."""
    db.session.add(record)
    db.session.flush()
    return record


def get_or_add(model: type[Any], key: str, **values: Any) -> Any:
    session = db.session()
    found = session.get(model, key) or add(model(code=key, **values))
    # a session forgets what nobody else holds, and would read it again for every record made
    session.info.setdefault("code tables", {})[model, key] = found
    return found


# code tables


def region(code: str = "430100", name: str = "") -> Region:
    """Return the region of `code` with everything above it."""
    above = None if code == "430000" else "430000" if code.endswith("00") else f"{code[:4]}00"
    if above:
        region(above)
    level = 1 if above is None else 2 if above == "430000" else 3
    found: Region = get_or_add(
        Region, code, name=name or f"地区{code}", level=level, parent_code=above
    )
    return found


def series(code: str = "05", name: str = "") -> Series:
    found: Series = get_or_add(Series, code, name=name or f"系列{code}")
    return found


def title(level: Level = Level.ASSOCIATE, series_code: str = "05") -> Title:
    """Return the title of `level`: 0501 for the highest level of series 05, and so on."""
    series(series_code)
    code = f"{series_code}0{level.value}"
    found: Title = get_or_add(Title, code, name=f"职称{code}", series_code=series_code, level=level)
    return found


def specialty(code: str = "05001", series_code: str = "") -> Specialty:
    of = series(series_code or code[:2])
    found: Specialty = get_or_add(Specialty, code, name=f"专业{code}", series_code=of.code)
    return found


def unknown_after(last: date) -> None:
    """Forget the days of the calendar after `last`, as before the next one is published."""
    db.session.execute(delete(WorkDay).where(WorkDay.day > last))
    db.session.flush()


def work_days(first: date | None = None, last: date | None = None) -> None:
    """Store the official calendar from `first` to `last`; beyond what is published, Monday to Friday."""
    first, last = first or in_days(-120), last or in_days(300)
    span = WorkDay.day.between(first, last)
    if db.session.scalar(select(func.count()).where(span)) == (last - first).days + 1:
        return
    wanted = {first + timedelta(days=offset) for offset in range((last - first).days + 1)}
    known = set(db.session.scalars(select(WorkDay.day).where(span)))
    db.session.add_all(
        WorkDay(day=day, is_working=_is_working(day)) for day in sorted(wanted - known)
    )
    db.session.flush()


def _is_working(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < calendar.SATURDAY


def second_factor(*, is_on: bool) -> None:
    """Set whether every role has to show a second factor; the prepared database asks for none, on whatever day."""
    for role in Role:
        key, always = f"second_factor_{role.value}", date(2000, 1, 1)
        settings.store_value(key, str(int(is_on)), valid_from=always)


# units, people, positions


def credit_code(number: int | None = None) -> str:
    """Return a valid credit code that no register holds."""
    body = f"{number or next(_numbers):08d}"
    first = f"12430000{body}{organisation_check(body)}"
    return first + credit_check(first)


def unit(
    name: str = "",
    *,
    kind: UnitKind = UnitKind.PRIVATE_FIRM,
    region_code: str = "430100",
    parent: Unit | None = None,
    **values: Any,
) -> Unit:
    """Make a unit; a private firm by default, which needs no quota."""
    region(region_code)
    made: Unit = add(
        Unit(
            **{
                "credit_code": credit_code(),
                "name": name or f"单位{next(_numbers)}",
                "kind": kind,
                "region_code": region_code,
                "parent_id": parent.id if parent else None,
            }
            | values
        )
    )
    made.path = f"{parent.path if parent else '/'}{made.id}/"
    db.session.flush()
    return made


def id_number(birth: date = date(1985, 3, 7), sequence: int | None = None) -> str:
    """Return a valid number; the areas up to 430099 are nobody's. After a hundred thousand they begin anew."""
    area, order = divmod((sequence or next(_numbers)) % 100_000, 1000)
    first = f"430{99 - area:03d}{birth:%Y%m%d}{order:03d}"
    return first + id_check(first)


def person(name: str = "", *, unit: Unit | None = None, **values: Any) -> Person:
    number = values.pop("id_number", None) or id_number()
    made: Person = add(
        Person(
            **{
                "name": name or f"张{'一二三四五六七八九十'[next(_numbers) % 10]}",
                "id_number": number,
                "id_index": persons.index_of(number),
                "birth_date": date(1985, 3, 7),
                "phone": "13800000000",
                "unit_id": unit.id if unit else None,
            }
            | values
        )
    )
    return made


def user(name: str = "李明", *, person: Person | None = None, **values: Any) -> User:
    """Make an account; of `person`, if given. It has no password unless one is set."""
    username = values.pop("username", None) or f"user{next(_numbers)}"
    made: User = add(
        User(
            **{
                "username": username,
                "first_name": name,
                "last_name": "",
                "real_name": person.name if person else name,
                "email": f"{username}@local.invalid",
                "active": True,
            }
            | values
        )
    )
    if person:
        person.user_id = made.id
        db.session.flush()
    return made


def position(
    role: Role = Role.UNIT,
    *,
    unit: Unit | None = None,
    committee: Committee | None = None,
    person: Person | None = None,
    user: User | None = None,
    **values: Any,
) -> Position:
    """Make a position and, unless given, its account and its person; then also the person responsible."""
    if role is Role.OFFICE and committee and unit is None:
        unit = committee.unit
    if user is None:
        person = person or globals()["person"](unit=unit)
        user = globals()["user"](person=person)
        if unit is not None and role in SIGNING:
            register_leader(unit)
    made: Position = add(
        Position(
            **{
                "user_id": user.id,
                "role": role,
                "unit_id": unit.id if unit else None,
                "committee_id": committee.id if committee else None,
            }
            | values
        )
    )
    db.session.refresh(made)
    return made


def applicant(**values: Any) -> tuple[Person, Position]:
    """Make a man with a unit, an account and the position of an applicant."""
    unit_of = values.pop("unit", None) or unit()
    made = person(unit=unit_of, **({"sex": Sex.MALE} | values))
    return made, position(Role.APPLICANT, user=user(person=made))


def register_leader(unit: Unit) -> None:
    """Make the person whose name the clerks of a unit type as the one responsible."""
    if not db.session.query(Person.id).filter_by(unit_id=unit.id, name=LEADER).first():
        person(LEADER, unit=unit)


def actor_of(position: Position) -> Actor:
    """Return who acts when `position` is the one chosen in the top bar."""
    owner = db.session.query(Person).filter_by(user_id=position.user_id).one_or_none()
    return Actor(
        role=position.role,
        user_id=position.user_id,
        name=position.user.real_name,
        person_id=owner.id if owner else None,
        position_id=position.id,
        unit_id=position.unit_id,
        unit_name=position.unit.name if position.unit else "",
        region_code=position.unit.region_code if position.unit else "",
        committee_ids=_committee_ids(position),
        is_head=position.duty is Duty.HEAD,
        own_role=position.own_role.scope if position.own_role else "",
        own_role_name=position.own_role.name if position.own_role else "",
    )


def _committee_ids(position: Position) -> tuple[int, ...]:
    """Return the committee of the position; an office works for all that its unit organises."""
    ids = {position.committee_id} - {None}
    if position.role is Role.OFFICE:
        own = db.session.query(Committee.id).filter_by(unit_id=position.unit_id)
        ids |= {key for (key,) in own}
    return tuple(sorted(ids))


def actor(role: Role = Role.UNIT, **values: Any) -> Actor:
    """Return the actor of a new position."""
    return actor_of(position(role, **values))


# committees, batches, routes


def committee(*, unit: Unit | None = None, **values: Any) -> Committee:
    """Make a committee of series 05 up to full senior, with its specialty 05001, valid for three years."""
    organiser = unit or globals()["unit"](kind=UnitKind.AUTHORITY, region_code="430000")
    series(values.get("series_code", "05"))
    region(values.get("region_code", "430000"))
    number = next(_numbers) % CODES
    made: Committee = add(
        Committee(
            **{
                "code": f"{number:04d}",
                "name": f"评委会{number}",
                "series_code": "05",
                "level": Level.SENIOR,
                "unit_id": organiser.id,
                "region_code": "430000",
                "approval_number": "湘职改办〔2025〕1号",
                "valid_from": in_days(-365),
                "valid_to": in_days(700),
                "min_size": 25,
            }
            | values
        )
    )
    covered = specialty(f"{made.series_code}001")
    add(CommitteeSpecialty(committee_id=made.id, specialty_code=covered.code))
    return made


def agree_to_size(committee: Committee, judges: int) -> None:
    """Let the provincial authority agree to a committee of `judges`."""
    committee.min_size, committee.size_approval_number = judges, "湘人社函〔2026〕7号"


def batch(*, committee: Committee | None = None, **values: Any) -> Batch:
    """Make an open batch in the middle of its application window."""
    of = committee or globals()["committee"]()
    made: Batch = add(
        Batch(
            **{
                "name": f"{today().year}年度批次{next(_numbers)}",
                "committee_id": of.id,
                "review_year": today().year,
                "modes": [mode.value for mode in ApplyMode],
                "levels": "12345",
                "apply_start": in_days(-30),
                "apply_end": in_days(30),
                "resubmit_end": in_days(45),
                "unit_end": in_days(60),
                "superior_end": in_days(90),
                "office_end": in_days(120),
                "material_cutoff": in_days(30),
                "seniority_date": date(today().year, 12, 31),
                "state": BatchState.OPEN,
            }
            | values
        )
    )
    return made


def extension(batch: Batch | None = None, **values: Any) -> Extension:
    """Make an extension in force, of the whole batch unless `kind` says otherwise, granted by the province."""
    made: Extension = add(
        Extension(
            **{
                "kind": ExtensionKind.BATCH,
                "stage": Stage.APPLY,
                "review_year": batch.review_year if batch else today().year,
                "region_code": "430000",
                "batch_id": batch.id if batch else None,
                "until": in_days(40),
                "document_number": f"湘职改办〔{today().year}〕{next(_numbers)}号",
                "approved_by": "王主任",
                "reason": "洪水中断网络三天，顺延办理",
                "state": ExtensionState.IN_FORCE,
            }
            | values
        )
    )
    return made


def route_change(committee: Committee, asked: Unit) -> RouteChange:
    """Propose to put `asked` between the committee and a unit that stands right below it."""
    lower = route(committee, unit(region_code=committee.region_code))
    made: RouteChange = add(
        RouteChange(
            committee_id=committee.id,
            kind=RouteChangeKind.INSERT,
            superior_id=asked.id,
            levels="12345",
            asked_unit_id=asked.id,
            proposer="张十",
            proposed_at=clock.now(),
            created_at=clock.now(),
        )
    )
    made.lines.append(RouteChangeLine(unit_id=lower.unit_id, superior_after_id=asked.id, seen=1))
    db.session.flush()
    return made


def route(
    committee: Committee, unit: Unit, superior: Unit | None = None, **values: Any
) -> RouteNode:
    """Give `unit` a confirmed place in the committee's review tree; no superior = straight to it."""
    made: RouteNode = add(
        RouteNode(
            **{
                "committee_id": committee.id,
                "unit_id": unit.id,
                "superior_id": superior.id if superior else None,
                "levels": "12345",
                "state": RouteState.CONFIRMED,
            }
            | values
        )
    )
    return made


def expert(committee: Committee, *, person: Person | None = None, **values: Any) -> Expert:
    """Put a person into the committee's pool."""
    employer = None if person else unit()
    who = person or globals()["person"](unit=employer)
    made: Expert = add(
        Expert(
            **{
                "committee_id": committee.id,
                "person_id": who.id,
                "unit_id": who.unit_id,
                "title_code": title(Level.SENIOR, committee.series_code).code,
                "specialty_code": specialty(f"{committee.series_code}001").code,
                "term_from": in_days(-100),
                "term_to": in_days(900),
                "state": ExpertState.ADMITTED,
            }
            | values
        )
    )
    return made


def employment_change(person: Person, **values: Any) -> EmploymentChange:
    """Make a change of employment that waits for the person's unit."""
    made: EmploymentChange = add(
        EmploymentChange(
            **{
                "person_id": person.id,
                "unit_id": person.unit_id,
                "before": person.employment,
                "employment": Employment.FREELANCE,
                "asked_at": clock.now(),
            }
            | values
        )
    )
    return made


def consent(user: User, asker: Actor, **values: Any) -> Consent:
    """Make an act on an account that waits for a second administrator."""
    made: Consent = add(
        Consent(
            **{
                "kind": "second_factor",
                "subject": user.username,
                "user_id": user.id,
                "reason": "手机遗失",
                "asked_by": asker.user_id,
                "asker": asker.name,
                "asker_role": asker.role,
                "expires_at": clock.now() + timedelta(days=7),
            }
            | values
        )
    )
    return made


def change_set(author: Actor, **values: Any) -> ChangeSet:
    """A published set without overrides, as what they change follows from the menu."""
    defaults: dict[str, Any] = {
        "author_id": author.user_id,
        "author": author.name,
        "author_role": author.role,
        "published_at": clock.now(),
        "state": ChangeSetState.PUBLISHED,
    }
    return add(ChangeSet(**{**defaults, **values}))


def expert_account(committee: Committee, **values: Any) -> ExpertAccount:
    """Make an account that waits to be confirmed as an expert's of the pool."""
    owner = values.pop("person", None) or person()
    account = owner.user or user(person=owner)
    made: ExpertAccount = add(
        ExpertAccount(committee_id=committee.id, person_id=owner.id, user_id=account.id, **values)
    )
    return made


def phrase(text: str = "", *, role: Role = Role.UNIT, **values: Any) -> Phrase:
    """Make a canned phrase in use: of a role, or with `user_id` somebody's own."""
    wording = text or f"用语{next(_numbers)}"
    made: Phrase = add(
        Phrase(**{"role": role, "text": wording, "order": 0, "is_active": True} | values)
    )
    return made


def deputy(principal: Position, stand_in: Position, **values: Any) -> Deputy:
    """Make a deputyship from today on for a week."""
    days = {"starts_on": in_days(0), "ends_on": in_days(7)}
    made: Deputy = add(
        Deputy(**{"position_id": principal.id, "deputy_position_id": stand_in.id} | days | values)
    )
    return made


def proposal(application: Application, actor: Actor, event: str) -> Proposal:
    """Make an act on an application that a handler has proposed."""
    made: Proposal = add(
        Proposal(
            application_id=application.id,
            event=event,
            seen=application.version,
            role=actor.role,
            unit_id=actor.unit_id,
            proposed_by=actor.user_id,
            proposer=actor.name,
            proposed_at=clock.now(),
        )
    )
    return made


def relation(person: Person, **values: Any) -> Relation:
    """Declare that an expert has a relative."""
    made: Relation = add(
        Relation(
            **{
                "person_id": person.id,
                "kind": RelationKind.KIN,
                "name": "张亲友",
                "declared_at": clock.now(),
            }
            | values
        )
    )
    return made


# applications and what happens to them


def application(
    state: ApplicationState = ApplicationState.DRAFT,
    *,
    unit: Unit | None = None,
    person: Person | None = None,
    batch: Batch | None = None,
    superiors: tuple[Unit, ...] = (),
    plan: Plan | None = None,
    **values: Any,
) -> Application:
    """Make an application in `state`, held by whom that state says.

    `superiors` is the route it was submitted with, lowest first. At a superior unit it stands with the
    one of `route_position` (the first by default); in later states it passed all of them.
    """
    where = unit or (person.unit if person and person.unit else globals()["unit"]())
    who = person or globals()["person"](unit=where)
    of = batch or (plan.batch if plan else globals()["batch"]())
    level = values.get("level", Level.ASSOCIATE)
    chosen = title(level, of.committee.series_code)
    now = clock.now()
    made: Application = add(
        Application(
            **{
                "number": f"SB{next(_numbers):08d}",
                "person_id": who.id,
                "name": who.name,
                "batch_id": of.id,
                "committee_id": of.committee_id,
                "review_year": of.review_year,
                "unit_id": where.id,
                "region_code": where.region_code,
                "mode": ApplyMode.NORMAL,
                "series_code": chosen.series_code,
                "level": level,
                "title_code": chosen.code,
                "specialty_code": specialty(f"{chosen.series_code}001").code,
                "form_version": form_definition.newest_version(db.session()),
                "state": state,
                "holder_id": _holder_id(state, where, superiors, of.committee, values),
                "held_since": None if state in HELD_BY_NOBODY else now,
                "submitted_at": None if state in NEVER_HANDED_IN else now,
                "frozen_at": None if state in UNFROZEN else now,
                "office_at": None if state in BEFORE_OFFICE else now,
                "is_secret_free": True,
                "committed_at": now,
                "commitment_version": 1,
                "plan_id": plan.id if plan else None,
            }
            | values
        )
    )
    _lay_route(made, superiors, now)
    return made


def _holder_id(
    state: ApplicationState,
    where: Unit,
    superiors: tuple[Unit, ...],
    committee: Committee,
    values: dict[str, Any],
) -> int | None:
    if state in WITH_APPLICANT or state in HELD_BY_NOBODY:
        return None
    if state in WITH_UNIT:
        return where.id
    if state is ApplicationState.AT_SUPERIOR:
        return superiors[values.get("route_position", 1) - 1].id
    return committee.unit_id


def _lay_route(application: Application, superiors: tuple[Unit, ...], now: datetime) -> None:
    """Store the snapshot of the route; positions count from 1, 0 is the applicant's own unit."""
    is_under_way = application.state is ApplicationState.AT_SUPERIOR
    reached = len(superiors) if application.office_at else 0
    if is_under_way:
        reached = application.route_position or 1
    application.route_position = reached
    for place, superior in enumerate(superiors, start=1):
        has_passed = place < reached or (place == reached and not is_under_way)
        add(
            RouteStep(
                application_id=application.id,
                position=place,
                unit_id=superior.id,
                arrived_at=now if place <= reached else None,
                passed_at=now if has_passed else None,
            )
        )
    db.session.refresh(application)


def notice(
    applications: list[Application] | tuple[Application, ...] = (),
    *,
    unit: Unit | None = None,
    plan: Plan | None = None,
    **values: Any,
) -> Notice:
    """Make a running notice that began yesterday; of a result, if a plan is given."""
    where = unit or (plan.committee.unit if plan else None)
    where = where or (applications[0].unit if applications else globals()["unit"]())
    made: Notice = add(
        Notice(
            **{
                "kind": NoticeKind.RESULT if plan else NoticeKind.UNIT,
                "title": "公示",
                "unit_id": where.id,
                "plan_id": plan.id if plan else None,
                "place": "单位公告栏",
                "contact": "王芳",
                "phone": "0731-12345678",
                "starts_on": values.get("ends_on", in_days(7)) - timedelta(days=8),
                "ends_on": in_days(7),
                "state": NoticeState.RUNNING,
            }
            | values
        )
    )
    for one in applications:
        add(NoticeItem(notice_id=made.id, application_id=one.id))
    db.session.refresh(made)
    return made


def objection(notice: Notice, application: Application, **values: Any) -> Objection:
    """Make an open objection against `application`, received now."""
    made: Objection = add(
        Objection(
            **{
                "notice_id": notice.id,
                "application_id": application.id,
                "unit_id": notice.unit_id,
                "handler_role": Role.UNIT if notice.kind is NoticeKind.UNIT else Role.OFFICE,
                "recorded_unit_id": notice.unit_id,
                "author": "赵某",
                "contact": "13900000000",
                "content": "论文不是本人所写",
                "received_at": clock.now(),
                "due_on": in_days(7),
                "state": ObjectionState.OPEN,
            }
            | values
        )
    )
    return made


def integrity_record(application: Application, **values: Any) -> IntegrityRecord:
    """Enter the applicant in the integrity file, without the bar."""
    made: IntegrityRecord = add(
        IntegrityRecord(
            **{
                "person_id": application.person_id,
                "application_id": application.id,
                "ground": IntegrityGround.CANCELLED,
                "reason": "代表作与他人论文雷同",
                "from_on": today(),
                "until_on": in_days(1100),
                "recorded_at": clock.now(),
            }
            | values
        )
    )
    return made


def attachment(record: Any, kind: str = "proof", *, name: str = "proof.pdf") -> Attachment:
    """Attach a file to `record`; its content is nowhere."""
    file = add(StoredFile(digest=f"{next(_numbers):064x}", size=100, media_type="application/pdf"))
    made: Attachment = add(
        Attachment(
            subject_type=record.__tablename__,
            subject_id=record.id,
            kind=kind,
            name=name,
            file_id=file.id,
        )
    )
    return made


def quota(unit: Unit, **values: Any) -> Quota:
    """Make an approved quota line of the unit: two posts of associate senior in specialty 05001."""
    made: Quota = add(
        Quota(
            **{
                "unit_id": unit.id,
                "review_year": today().year,
                "level": Level.ASSOCIATE,
                "specialty_code": specialty().code,
                "kind": QuotaKind.VACANCY,
                "posts": 10,
                "held": 8,
                "asked": 2,
                "granted": 2,
                "state": QuotaState.APPROVED,
            }
            | values
        )
    )
    return made


# meetings, filings, certificates


def plan(*, batch: Batch | None = None, **values: Any) -> Plan:
    """Make an approved plan of an offline meeting that opens in thirty days."""
    of = batch or globals()["batch"]()
    made: Plan = add(
        Plan(
            **{
                "name": f"评审方案{next(_numbers)}",
                "committee_id": of.committee_id,
                "batch_id": of.id,
                "mode": MeetingMode.OFFLINE,
                "opens_on": in_days(30),
                "closes_on": in_days(32),
                "place": "长沙",
                "seats": 25,
                "over_cap": OverCap.RANK,
                "reported_at": clock.now(),
                "state": PlanState.APPROVED,
            }
            | values
        )
    )
    return made


def plan_change(plan: Plan, **values: Any) -> PlanChange:
    """Make a reported change of the plan's cap for full senior to 30 percent."""
    before = lines_of(plan).stored()
    facts = {
        "before": before, "after": before | {"senior_cap": 30}, "rounds": [], "passes": None, "again": None,
        "in": [], "out": [], "again_instead": [],
    }  # fmt: skip
    made: PlanChange = add(
        PlanChange(
            **{
                "plan_id": plan.id,
                "snapshot": json.dumps(facts),
                "figures": "0" * 64,
                "reason": "省厅核定本年度通过率",
                "reported_at": clock.now(),
                "state": PlanChangeState.REPORTED,
            }
            | values
        )
    )
    return made


def seat(plan: Plan, user: User, **values: Any) -> Seat:
    made: Seat = add(
        Seat(
            **{
                "plan_id": plan.id,
                "user_id": user.id,
                "role": SeatRole.MEMBER,
                "answered_at": clock.now(),
                "state": SeatState.ACCEPTED,
            }
            | values
        )
    )
    return made


def assign(seat: Seat, *applications: Application) -> None:
    """Give the seat these candidates to work on."""
    for one in applications:
        add(Assignment(seat_id=seat.id, application_id=one.id))


EMPTY_POOL = '{"plan":0,"attempt":1,"groups":[],"alternates":0,"unit_max":0,"entries":[]}'


def draw(plan: Plan, **values: Any) -> Draw:
    """Make a draw whose pool was frozen; its text is no record that could be verified."""
    made: Draw = add(
        Draw(
            **{
                "plan_id": plan.id,
                "attempt": 1,
                "alg": "zc-draw-v1",
                "salt": "00" * 16,
                "pool": EMPTY_POOL,
                "pool_hash": "0" * 64,
                "pool_size": 30,
                "eligible_size": 28,
                "state": DrawState.FROZEN,
            }
            | values
        )
    )
    return made


def recusal(application: Application, user: User | None = None, **values: Any) -> Recusal:
    """Keep `user` from the candidate; without one it is an applicant's request that waits."""
    made: Recusal = add(
        Recusal(
            **{
                "application_id": application.id,
                "plan_id": application.plan_id,
                "user_id": user.id if user else None,
                "source": RecusalSource.OFFICE if user else RecusalSource.APPLICANT,
                "named": "" if user else "王某",
                "reason": "同门师生",
                "state": RecusalState.IN_FORCE if user else RecusalState.ASKED,
            }
            | values
        )
    )
    return made


def interview(application: Application, **values: Any) -> Interview:
    """Make a planned slot tomorrow in room one."""
    begins = values.get("starts_at", clock.now() + timedelta(days=1, minutes=10 * next(_numbers)))
    made: Interview = add(
        Interview(
            **{
                "plan_id": application.plan_id,
                "application_id": application.id,
                "room": "第一答辩室",
                "order": 1,
                "starts_at": begins,
                "ends_at": begins + timedelta(minutes=10),
                "state": InterviewState.PLANNED,
            }
            | values
        )
    )
    return made


def assessment(seat: Seat, application: Application, **values: Any) -> Assessment:
    """Make a submitted score sheet of 80 points over the material."""
    made: Assessment = add(
        Assessment(
            **{
                "seat_id": seat.id,
                "application_id": application.id,
                "step": ReviewStep.MATERIAL_SCORE,
                "scores": {"业绩": 80},
                "total": 8000,
                "submitted_at": clock.now(),
                "state": AssessmentState.SUBMITTED,
            }
            | values
        )
    )
    return made


def opinion(application: Application, *seats: Seat, **values: Any) -> Opinion:
    """Make the opinion of a group, complete when three seats signed."""
    made: Opinion = add(
        Opinion(
            **{
                "plan_id": application.plan_id,
                "application_id": application.id,
                "text": "业绩突出，同意推荐。",
                "state": OpinionState.COMPLETE if len(seats) > 2 else OpinionState.DRAFT,
            }
            | values
        )
    )
    for one in seats:
        add(OpinionSigner(opinion_id=made.id, seat_id=one.id, signed_at=clock.now()))
    return made


def frozen_text(applications: tuple[Application, ...], seats: tuple[Seat, ...]) -> str:
    """Return the text of a round that was frozen with these candidates and this roll, without limits."""
    facts = {
        "candidates": [one.number for one in applications],
        "roll": [one.id for one in seats],
        "recused": [],
        "limits": [],
    }
    return json.dumps(facts, sort_keys=True)


def ballot_round(
    plan: Plan, *applications: Application, seats: tuple[Seat, ...] = (), **values: Any
) -> Round:
    """Make a round over these candidates with these seats on its roll, frozen and not open yet."""
    digest, eligible = values.pop("frozen_hash", ""), values.pop("eligible", len(seats))
    state = values.pop("state", RoundState.READY)
    made: Round = add(
        Round(
            **{
                "plan_id": plan.id,
                "number": 1,
                "members": max(len(seats), 1),
                "present": len(seats),
                "frozen_at": clock.now(),
                "frozen": frozen_text(applications, seats),
                "public_key": sealing.public_of(sealing.new_key()),
                "state": RoundState.READY,
            }
            | values
        )
    )
    for place, one in enumerate(applications, start=1):
        add(
            RoundCandidate(
                round_id=made.id, application_id=one.id, position=place, eligible=eligible
            )
        )
    for seat in seats:
        add(RoundVoter(round_id=made.id, seat_id=seat.id))
    # the database takes no roll and no candidates once the round has its digest
    made.frozen_hash = digest or hashlib.sha256(made.frozen.encode()).hexdigest()
    db.session.flush()
    made.state = state
    round_integrity.seal_round(db.session(), made)
    db.session.flush()
    return made


def result(plan: Plan, application: Application, **values: Any) -> Result:
    """Make a passed result: 20 of 25 said yes."""
    made: Result = add(
        Result(
            **{
                "plan_id": plan.id,
                "application_id": application.id,
                "yes": 20,
                "no": 4,
                "abstain": 1,
                "is_passed": True,
            }
            | values
        )
    )
    return made


def filing(plan: Plan, **values: Any) -> Filing:
    made: Filing = add(
        Filing(
            **{
                "plan_id": plan.id,
                "document_number": "湘评〔2026〕3号",
                "summary": "会议情况",
                "reported_at": clock.now(),
                "state": FilingState.REPORTED,
            }
            | values
        )
    )
    return made


def certificate(application: Application, **values: Any) -> Certificate:
    """Make a valid certificate of `application`."""
    number = next(_numbers)
    copied = (
        "person_id name unit_id region_code committee_id series_code level title_code "
        "specialty_code"
    )
    made: Certificate = add(
        Certificate(
            **{key: getattr(application, key) for key in copied.split()}
            | {
                "number": f"4320260501{number:06d}",
                "token": crypto.token(),
                "application_id": application.id,
                "obtained_on": in_days(-10),
                "issued_on": today(),
                "approval_number": "湘职改办〔2026〕9号",
                "state": CertificateState.VALID,
            }
            | values
        )
    )
    return made
