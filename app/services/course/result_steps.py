"""The checklist of an online meeting, from the first round to the filing (`meeting_steps.py` has the rest)."""

from flask_babel import gettext

from app.enums import FilingState, KeyRole, NoticeState, PlanState, Role, RoundState
from app.models import Round
from app.services.course import meeting_steps
from app.services.course.meeting_course import PARTY_OF_KEY, Course, Party, Step, StepKey
from app.services.course.meeting_facts import Facts
from app.services.voting import vote_rounds

LIVE = (RoundState.READY, RoundState.OPEN, RoundState.CLOSED)
"""States of a round that can be made void."""


def checklist(facts: Facts) -> list[Step]:
    """Return all steps of the meeting in their order; steps that its plan does not use are left out."""
    course = meeting_steps.preparation(facts)
    first, further = facts.standing[:1], facts.standing[1:]
    _first_round(course, first[0] if first else None)
    _count(course, first[0] if first else None)
    _further(course, further[-1] if further else None)
    _note_request(course)
    _result(course)
    _minutes(course)
    _signatures(course)
    _confirmation(course)
    _notice(course)
    _filing(course)
    return [course.steps[key] for key in StepKey if key in course.steps]


def _first_round(course: Course, held: Round | None) -> None:
    key, plan, today = StepKey.ROUND, course.facts.plan, course.facts.today
    if held is not None:
        _voting(course, key, held)
    elif course.awaits(key, *meeting_steps.needed_for_a_round(course.facts)):
        return
    elif not plan.is_on(today):
        course.later(
            key,
            gettext(
                "The meeting runs from %(first)s to %(last)s; it votes on these days only.",
                first=plan.opens_on, last=plan.closes_on,
            ),
        )  # fmt: skip
    else:
        course.open(key, _freeze_text(course), Party.OFFICE)


def _freeze_text(course: Course) -> str:
    """Return what the office does, with the sheets that freezing will ask about."""
    scores, counts = course.steps.get(StepKey.SCORES), course.facts.counts
    if scores is None or scores.is_done:
        return gettext("The office freezes the round.")
    missing = counts.sheets_due - counts.sheets
    return gettext("The office freezes the round; it is asked about %(count)s missing sheets.", count=missing)  # fmt: skip


def _voting(course: Course, key: StepKey, held: Round) -> None:
    """Note where the vote of a round stands, until it is closed."""
    cast = course.facts.counts.cast
    voters = len(vote_rounds.voters(held)) if held.state is RoundState.OPEN else 0
    if held.state is RoundState.ENTERED:
        course.open(
            key, gettext("Entered from paper; a second person of the office confirms it."), Party.OFFICE
        )  # fmt: skip
    elif held.state is RoundState.READY:
        course.open(key, gettext("Frozen; whoever presides opens the vote."), Party.CHAIR)
    elif held.state is RoundState.OPEN and cast < voters:
        course.open(
            key,
            gettext("%(cast)s of %(present)s have voted.", cast=cast, present=voters),
            Party.JUDGES,
            Party.CHAIR,
        )
    elif held.state is RoundState.OPEN:
        course.open(key, gettext("All have voted; whoever presides closes the vote."), Party.CHAIR)
    else:
        present = gettext("%(present)s of %(members)s there", present=held.present, members=held.members)  # fmt: skip
        log = course.facts.log(held, "open", "enter_paper")
        course.done(key, present, log, held.closed_at)


def void_request(facts: Facts) -> tuple[Round, tuple[Party, ...]] | None:
    """Return the round that one side asked to make void, with who decides on it: the other side."""
    asked = (one for one in facts.standing if one.void_asked_by is not None and one.state in LIVE)
    held = next(asked, None)
    if held is None:
        return None
    log = facts.log(held, "ask_void")
    is_by_supervisor = log is not None and log.actor_role is Role.SUPERVISOR
    return held, (Party.OFFICE, Party.CHAIR) if is_by_supervisor else (Party.SUPERVISOR,)


def _note_request(course: Course) -> None:
    """Put a request to make a round void, and who decides on it, before what else the round waits for."""
    asked = void_request(course.facts)
    if asked is None:
        return
    held, side = asked
    step = course.steps[_key_of(held, course.facts)]
    said = gettext(
        "It was asked to make %(round)s void; %(who)s decides.",
        round=held.title, who=gettext(" or ").join(str(party.label) for party in side),
    )  # fmt: skip
    others = tuple(one for one in step.waits_for if one not in side)
    course.open(step.key, f"{said} {step.says}", *side, *others)


def _key_of(held: Round, facts: Facts) -> StepKey:
    """Return the step at which a round stands that is not counted yet."""
    if held is not facts.standing[0]:
        return StepKey.FURTHER
    return StepKey.COUNT if held.state is RoundState.CLOSED else StepKey.ROUND


def _count(course: Course, held: Round | None) -> None:
    if not course.awaits(StepKey.COUNT, StepKey.ROUND) and held is not None:
        _counting(course, StepKey.COUNT, held)


def _counting(course: Course, key: StepKey, held: Round) -> None:
    """Note where the count of a closed round stands."""
    if held.state is RoundState.COUNTED:
        log = course.facts.log(held, "release", "confirm_paper")
        course.done(key, log=log, at=held.counted_at)
        return
    given = course.facts.given
    missing = [party for role, party in PARTY_OF_KEY.items() if role not in given]
    said = gettext("Two of the three holders of the key open the ballot box.")
    if given:
        who = gettext(", ").join(str(role.label) for role in KeyRole if role in given)
        said = gettext("Key given: %(who)s; another holder is needed.", who=who)
    course.open(key, said, *missing)


def _further(course: Course, held: Round | None) -> None:
    facts, key = course.facts, StepKey.FURTHER
    if course.awaits(key, StepKey.COUNT):
        return
    if held is not None and held.state is RoundState.CLOSED:
        _counting(course, key, held)
    elif held is not None and held.state is not RoundState.COUNTED:
        _voting(course, key, held)
    elif facts.due and facts.plan.state is PlanState.APPROVED:
        course.open(key, _further_text(facts), Party.OFFICE)
    elif held is not None:
        said = gettext("%(count)s rounds were held; all are decided.", count=len(facts.standing))
        course.done(key, said, at=held.counted_at)
    else:
        course.done(key, gettext("No further round is due; all are decided."))


def _further_text(facts: Facts) -> str:
    if facts.places is None:
        return gettext("%(count)s candidates have not been voted on yet.", count=facts.due)
    return gettext(
        "%(count)s candidates are voted on again for %(places)s places.",
        count=facts.due, places=facts.places,
    )  # fmt: skip


def _result(course: Course) -> None:
    facts, key = course.facts, StepKey.RESULT
    if facts.plan.state in (PlanState.ENTERED, PlanState.CONCLUDED):
        course.done(key, log=facts.log(facts.plan, "compute"))
    elif course.awaits(key, StepKey.COUNT, StepKey.FURTHER):
        return
    elif facts.counts.changes:
        course.open(key, gettext("Other lines of the meeting are reported; the result is computed once they are decided on."), Party.HRSS)  # fmt: skip
    else:
        course.open(key, gettext("The office computes the result from the counted rounds."), Party.OFFICE)  # fmt: skip


def _minutes(course: Course) -> None:
    facts, key = course.facts, StepKey.MINUTES
    if course.awaits(key, StepKey.RESULT):
        return
    if facts.plan.minutes:
        course.done(key, log=facts.log(facts.plan, "write_minutes"))
    else:
        course.open(key, gettext("The office writes the minutes."), Party.OFFICE)


def _signatures(course: Course) -> None:
    plan, key = course.facts.plan, StepKey.SIGNATURES
    if course.awaits(key, StepKey.MINUTES):
        return
    signed = ((Party.CHAIR, plan.chair_signed_at), (Party.SUPERVISOR, plan.supervisor_signed_at))
    missing = [party for party, at in signed if at is None]
    if missing:
        there = gettext(", ").join(str(party.label) for party, at in signed if at is not None)
        said = (
            gettext("Signed: %(who)s.", who=there) if there else gettext("Nobody has signed yet.")
        )
        course.open(key, said, *missing)
    else:
        course.done(key, at=max(at for _party, at in signed if at is not None))


def _confirmation(course: Course) -> None:
    facts, key = course.facts, StepKey.CONFIRMATION
    if facts.plan.state is PlanState.CONCLUDED:
        course.done(key, log=facts.log(facts.plan, "confirm"))
    elif not course.awaits(key, StepKey.SIGNATURES):
        said = gettext("Somebody else of the office than who computed the result confirms it.")
        course.open(key, said, Party.OFFICE)


def _notice(course: Course) -> None:
    facts, key, notice = course.facts, StepKey.NOTICE, course.facts.notice
    if course.awaits(key, StepKey.CONFIRMATION):
        return
    if facts.counts.to_publish:
        said = gettext("%(count)s who passed are to be published.", count=facts.counts.to_publish)
        course.open(key, said, Party.OFFICE)
    elif notice is None:
        course.done(key, gettext("Nobody passed; there is nothing to publish."))
    elif notice.state is NoticeState.RUNNING:
        course.open(key, gettext("In public notice until %(day)s.", day=notice.ends_on))
    else:
        course.done(key, log=facts.log(notice, "open"))


def _filing(course: Course) -> None:
    facts, key, filing = course.facts, StepKey.FILING, course.facts.filing
    if course.awaits(key, StepKey.NOTICE):
        return
    if filing is None and facts.notice is None:
        course.done(key, gettext("Nobody passed; there is nothing to file."))
    elif filing is None:
        course.open(key, gettext("The notice has ended; the office files the result."), Party.OFFICE)  # fmt: skip
    elif filing.state is FilingState.REPORTED:
        course.open(key, gettext("The authority decides on the filing."), Party.HRSS)
    elif filing.state is FilingState.RETURNED:
        course.open(key, gettext("The authority returned it; change it and file again."), Party.OFFICE)  # fmt: skip
    else:
        course.done(key, log=facts.log(filing, "agree"))
