"""Sections and links of an online meeting's result page: rank lists, rounds, minutes, signatures."""

from collections import Counter

from flask import render_template, url_for
from flask_babel import gettext

from app.enums import PlanState
from app.extensions import db
from app.ground import crypto, in_force, signing
from app.models import Plan, User
from app.services.ground import log_chain
from app.services.results import outcomes, plan_changes, results
from app.views.base import detail_sections
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import cell_of
from app.views.base.detail_sections import DetailSection
from app.views.meeting import plan_lines
from app.views.results import paper_rounds, rank_lists
from app.views.results.result_sections import candidate_section


def sections(plan: Plan, names: list[str], figures: list[str]) -> list[DetailSection]:
    """Return the sections for the office; until the result is computed, rank lists preview it."""
    session = db.session()
    lists = rank_lists.sections(plan)
    shown = [
        detail_sections.pairs("plan", gettext("Plan"), plan, names),
        detail_sections.pairs("meeting", gettext("Meeting"), plan, figures),
        *(lists or [candidate_section(plan)]),
        rank_lists.rounds_section(outcomes.rounds(session, plan)),
        *plan_lines.section(plan_changes.logs_of_plan(session, plan.id)),
    ]
    if plan.state is PlanState.APPROVED:
        return [detail_sections.text("due", gettext("Next step"), next_step(plan)), *shown]
    return [
        *shown,
        detail_sections.text("minutes", gettext("Minutes of the meeting"), plan.minutes),
        signatures_section(plan, with_names=True),
        detail_sections.files_of(plan),
    ]


def next_step(plan: Plan) -> str:
    """Return as a sentence what is still to be done before the result can be computed."""
    next_round = outcomes.next_round(db.session(), plan)
    if next_round is None:
        return gettext("All candidates are decided; the result can be computed.")
    if next_round.places is None:
        return gettext(
            "%(count)s candidates have no votes yet.", count=len(next_round.application_ids)
        )
    return gettext(
        "%(count)s candidates are equal at the cut line or beyond the cap: a round among them for "
        "%(places)s places is due.",
        count=len(next_round.application_ids),
        places=next_round.places,
    )


def signatures_section(plan: Plan, *, with_names: bool) -> DetailSection:
    """Return the section with signers and times; names of judges are for office and supervisor only."""
    rows = [
        (gettext("Chair"), plan.chair_signed_by, plan.chair_signed_at),
        (gettext("Supervisor"), plan.supervisor_signed_by, plan.supervisor_signed_at),
    ]
    columns = [gettext("Signature of"), gettext("Name"), gettext("Signed")]
    named = _names(plan) if with_names else {}
    return DetailSection(
        "signatures",
        gettext("Signatures"),
        "table",
        columns=columns if with_names else [columns[0], columns[2]],
        rows=[
            [cell_of(role), *([cell_of(named.get(key))] if with_names else []), cell_of(at)]
            for role, key, at in rows
        ],
    )


def _names(plan: Plan) -> dict[int | None, str]:
    keys = (plan.chair_signed_by, plan.supervisor_signed_by)
    found = [db.session.get(User, key) for key in keys if key is not None]
    return {one.id: one.real_name for one in found if one is not None}


def links(view: GuideView, plan: Plan) -> list[tuple[Label, str]]:
    """Return the links to printed sheets; before the result, to the form of a round on paper if one is due."""
    if plan.state is PlanState.APPROVED:
        is_due = outcomes.next_round(db.session(), plan) is not None
        return paper_rounds.links_to(plan) if is_due else []
    shown = [
        (gettext("Print the result sheet"), view.url("sheet", pk=plan.id)),
        (gettext("Prove this result"), url_for("ResultProof.show", pk=plan.id)),
    ]
    if plan.minutes:
        shown.append((gettext("Print the minutes"), view.url("minutes", pk=plan.id)))
    return shown


@in_force.in_program_words()
def minutes_page(view: GuideView, plan: Plan) -> str:
    """Return the printed minutes: figures, text, results, space for two signatures."""
    stored = results.results_of_plan(db.session(), plan)
    passed = Counter(one.application.level for one in stored if one.is_passed)
    heard = Counter(one.application.level for one in stored)
    rounds = outcomes.counted_rounds(db.session(), plan)
    return render_template(
        "print/minutes.html",
        plan=plan,
        rounds=rounds,
        records={one.id: signing.digest(one.signed_record) for one in rounds},
        result_digest=signing.digest(plan.signed_result),
        fingerprint=crypto.fingerprint(),
        levels=[(level.label, heard[level], passed[level]) for level in sorted(heard)],
        names=_names(plan),
        lines=plan_lines.section(plan_changes.logs_of_plan(db.session(), plan.id)),
        cancelled=results.cancelled_line(stored),
        log_head=log_chain.head(db.session()),
        back_url=view.detail_url(plan),
    )
