"""Sentences that name a day are true on the day before it, on the day itself and on the day after it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from app import settings
from app.engine import Refused
from app.enums import ApplicationState, Employment, Role, Sex
from app.extensions import db
from app.ground import clock
from app.models import Correction, Person
from app.services.certificates import filing_checks
from app.services.dossier import drafts
from app.services.draw import attendance, draws, recusal_requests
from app.services.experts import experts
from app.services.registers import batch_closing, committee_validity, deadlines
from app.services.results import results
from app.services.review import notices, objections, qualification
from app.services.rules import rule_kinds, rule_personal
from app.services.rules.rule_subject import Case
from tests.support import factories as f
from tests.support.acting import act_on

X = date(2026, 6, 15)
"""The day that is named."""
DEADLINES = ("apply_end", "resubmit_end", "unit_end", "superior_end", "office_end")
BEFORE, ON, AFTER = (X + timedelta(days=days) for days in (-1, 0, 1))
Ask = Callable[[datetime], object]
"""Asks at a moment; returns or raises the refusal, None if nothing stands against it."""


@dataclass(frozen=True)
class Sentence:
    """What asks, on which of the three days it refuses, and what the sentence says of the day in Chinese."""

    make: Callable[[], Ask]
    refused: tuple[bool, bool, bool]
    says: str


def guard(
    check: Callable[..., object], make: Callable[[], Any], **values: Any
) -> Callable[[], Ask]:
    """Return what asks a guard about one record."""

    def prepare() -> Ask:
        record = make()
        return lambda at: check(act_on(record, at=at, **values))

    return prepare


def person_barred() -> Ask:
    person = Person(name="李四", banned_until=X, ban_reason="伪造证明。")
    return lambda at: rule_personal.bar_refusal(person, clock.local_date(at))


def vote_of_somebody_barred() -> Ask:
    plan = f.plan()
    item = f.application(ApplicationState.IN_FILING, plan=plan)
    item.person.banned_until = X

    def ask(at: datetime) -> object:
        plan.voted_on = clock.local_date(at)
        return next(iter(filing_checks._person_problems(plan, [item], set())), None)

    return ask


def rule_of(kind: str, **values: Any) -> Callable[[], Ask]:
    def prepare() -> Ask:
        one = rule_kinds.KINDS[kind]
        person = Person(
            name="李四",
            employment=Employment.PUBLIC_POST,
            sex=Sex.MALE,
            birth_date=date(1966, 6, 15),
        )

        def ask(at: datetime) -> object:
            case = Case(
                at=at,
                person=person,
                facts={"series": "05"},
                material_cutoff=clock.local_date(at),
                **values,
            )
            found = one.compute(case, one.read({}))
            return None if found.is_met else found.sentence

        return ask

    return prepare


def supplement() -> Any:
    case = f.application(ApplicationState.IN_CORRECTION)
    f.add(Correction(application_id=case.id, items=[], deadline=X, asked_at=clock.now()))
    return case


def noticed() -> Any:
    case = f.application(ApplicationState.IN_NOTICE)
    case.submitted_at = None
    f.notice([case], ends_on=X)
    return case


def objection_received() -> Ask:
    case = f.application(ApplicationState.IN_NOTICE)
    made = f.objection(f.notice([case], starts_on=X, ends_on=X + timedelta(days=7)), case)

    def ask(at: datetime) -> object:
        made.received_at = at
        return objections.is_in_time(act_on(made, at=at))

    return ask


def committee(**values: Any) -> Callable[[], Ask]:
    def prepare() -> Ask:
        made = f.committee(**values)
        return lambda at: committee_validity.validity_refusal(made, clock.local_date(at))

    return prepare


def recusal() -> Ask:
    plan = f.plan(opens_on=X, closes_on=AFTER)
    case = f.application(ApplicationState.IN_REVIEW, plan=plan)
    return lambda at: recusal_requests.why_too_late(case, clock.local_date(at))


def drawn() -> Any:
    opens = X + timedelta(days=settings.get("draw_days_before"))
    return f.draw(f.plan(opens_on=opens, closes_on=opens))


def batch_of(field: str, day: date) -> Any:
    """Make a batch with this deadline on `day`, those before it a month earlier, those after it a month later."""
    place = DEADLINES.index(field)
    shift = {
        one: timedelta(days=30 * (at > place) - 30 * (at < place))
        for at, one in enumerate(DEADLINES)
    }
    days = {one: day + shift[one] for one in DEADLINES}
    return f.batch(**days, apply_start=date(2026, 1, 5), material_cutoff=date(2026, 1, 5))


def of_batch(state: ApplicationState, field: str) -> Callable[[], Any]:
    superiors = (f.unit,) if state is ApplicationState.AT_SUPERIOR else ()
    return lambda: f.application(
        state, batch=batch_of(field, X), superiors=tuple(make() for make in superiors)
    )


def seat() -> Any:
    plan = f.plan(opens_on=BEFORE - timedelta(days=2), closes_on=X)
    return f.seat(plan, f.user())


SENTENCES = {
    "bar": Sentence(person_barred, (True, True, False), "至2026-06-15（含当日）不得申报"),
    "bar at the vote": Sentence(
        vote_of_somebody_barred, (True, True, False), "至2026-06-15，含当日"
    ),
    "penalty": Sentence(
        rule_of(
            "no_penalty",
            sections={
                "conduct": [
                    {"has_penalty": "yes", "penalty": "demerit", "penalty_until": X.isoformat()}
                ]
            },
        ),
        (True, True, False),
        "至2026-06-15（含当日）",
    ),
    "age": Sentence(
        rule_of("age"), (False, True, True), "2026-06-15已达到退休年龄，不晚于2026-06-1"
    ),
    "units report": Sentence(
        guard(deadlines.is_in_time, of_batch(ApplicationState.NOTICE_OVER, "unit_end")),
        (False, False, True),
        "已于 2026-06-15 24:00 截止",
    ),
    "superior units": Sentence(
        guard(deadlines.is_in_time, of_batch(ApplicationState.AT_SUPERIOR, "superior_end")),
        (False, False, True),
        "已于 2026-06-15 24:00 截止",
    ),
    "qualification": Sentence(
        guard(deadlines.is_in_time, of_batch(ApplicationState.AT_OFFICE, "office_end")),
        (False, False, True),
        "已于 2026-06-15 24:00 截止",
    ),
    "supplement": Sentence(
        guard(qualification.is_in_correction_time, supplement),
        (False, False, True),
        "已于 2026-06-15 24:00 截止",
    ),
    "supplement overdue": Sentence(
        guard(qualification.is_past_deadline, supplement), (True, True, False), ""
    ),
    "notice": Sentence(
        guard(notices.has_finished_notice, noticed),
        (True, True, False),
        "至 2026-06-15 24 时止，次日起",
    ),
    "objection": Sentence(objection_received, (True, False, False), "2026-06-15"),
    "committee until": Sentence(
        committee(valid_from=date(2024, 6, 16), valid_to=X), (False, False, True), "至2026-06-15"
    ),
    "committee from": Sentence(
        committee(valid_from=X, valid_to=date(2028, 1, 1)), (True, False, False), "2026-06-15至"
    ),
    "recusal": Sentence(recusal, (False, True, True), "会议开始前"),
    "draw": Sentence(guard(draws.is_late_enough, drawn), (True, False, False), "即 2026-06-15 起"),
    "result": Sentence(
        guard(results.meeting_has_begun, lambda: f.plan(opens_on=X, closes_on=X)),
        (True, False, False),
        "于 2026-06-15 召开，当日起",
    ),
    "meeting": Sentence(
        guard(attendance.is_day_of_meeting, seat), (False, False, True), "至 2026-06-15"
    ),
    "closing a batch": Sentence(
        guard(batch_closing.has_nothing_pending, lambda: batch_of("apply_end", X)),
        (True, True, False),
        "截止日期为2026-06-15，请在此之后",
    ),
    "restoring a draft": Sentence(
        guard(
            drafts.may_come_back,
            of_batch(ApplicationState.DISCARDED, "apply_end"),
        ),
        (False, False, True),
        "至 2026-06-15",
    ),
    "term of an expert": Sentence(
        guard(
            experts.term_is_over,
            lambda: f.expert(f.committee(), term_from=date(2024, 1, 1), term_to=X),
        ),
        (True, True, False),
        "2026-06-15",
    ),
}


@pytest.fixture(autouse=True)
def in_chinese(app: Flask) -> Iterator[None]:
    f.work_days(date(2026, 1, 1), date(2026, 12, 31))
    with app.test_request_context("/"), force_locale("zh_Hans_CN"):
        yield


@pytest.mark.parametrize("name", SENTENCES)
def test_a_named_day_means_what_the_sentence_says(name: str) -> None:
    one = SENTENCES[name]
    ask = one.make()
    db.session.flush()
    moments = (clock.end_of_day(BEFORE), clock.end_of_day(ON), clock.start_of_day(AFTER))

    found = [refusal_of(ask, at) for at in moments]

    assert [said is not None for said in found] == list(one.refused)
    assert all(one.says in said for said in found if said is not None), found


def refusal_of(ask: Ask, at: datetime) -> str | None:
    try:
        said = ask(at)
    except Refused as refusal:
        return str(refusal)
    return None if said is None else str(said)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (clock.end_of_day(X), "2026-06-15 24:00"),
        (clock.start_of_day(AFTER), "2026-06-16 00:00"),
        (clock.end_of_day(X) - timedelta(seconds=1), "2026-06-15 23:59"),
    ],
)
def test_the_end_of_a_day_is_its_24_hours(moment: datetime, text: str) -> None:
    assert clock.text(moment) == text


@pytest.mark.parametrize(
    ("hangs_until_deadline_and", "is_refused"), [(-1, False), (0, True), (1, True)]
)
def test_a_notice_must_end_before_the_units_last_day(
    hangs_until_deadline_and: int, is_refused: bool
) -> None:
    clerk = f.actor(Role.UNIT)
    ends = notices.last_day(notices.NoticeKind.UNIT, f.today())
    batch = batch_of("unit_end", ends - timedelta(days=hangs_until_deadline_and))
    case = f.application(ApplicationState.CHECKED, batch=batch)
    notice = f.notice([], unit=case.unit, starts_on=f.today(), ends_on=ends)

    said = refusal_of(
        lambda at: notices.is_long_enough(
            act_on(notice, at=at, actor=clerk, details={"application_ids": [case.id]})
        ),
        clock.now(),
    )

    assert (said is not None) is is_refused
    assert said is None or "次日起方可上报" in said
