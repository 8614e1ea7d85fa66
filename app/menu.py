"""Chapters of the menu and the views in them, in the order and with the numbers of the guide."""

from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _

from app.views.accounts import (
    accounts,
    consents,
    forgotten,
    logs,
    message_choices,
    parameters,
    persons,
    positions,
    registration,
    second_factor,
    single_sign_on,
    unit_employment,
    unit_people,
)
from app.views.case import files, reminders
from app.views.certificates import ch1_2_filings, ch1_7_certificates, public, public_proofs
from app.views.codes import code_tables, dictionaries
from app.views.course import meeting_room, meeting_trial
from app.views.customising import customise, dossier_listing, onlooking, screens, words
from app.views.customising import rights as menu_rights
from app.views.dossier import ch0_own, ch0_personal, ch0_phone
from app.views.draw import ch1_2_draw, my_seats
from app.views.experts import ch0_experts, ch1_4_experts, unit_experts
from app.views.form import form_editor
from app.views.frame import api, finding, home, how_to, lookup
from app.views.frame.menu_tree import Chapter, MenuTree, set_menu
from app.views.handling import deputies
from app.views.interviews import ch1_2_interviews
from app.views.judging import ch1_3_judging
from app.views.meeting import ch1_2_plans
from app.views.quotas import ch1_5_quotas
from app.views.registers import (
    ch1_4_batches,
    maintenance,
    phrases,
    registers,
    running_batches,
    work_calendar,
)
from app.views.results import (
    ch1_2_result_notices,
    ch1_2_results,
    fairness,
    meeting_results,
    proof,
    supervision_record,
)
from app.views.review import (
    barred_people,
    ch1_1_evaluation,
    ch1_2_committee,
    ch1_6_routes,
    tree_health,
)
from app.views.rules import eligibility_rules
from app.views.statistics import statistics
from app.views.voting import ch1_3_vote

MAINTENANCE = (*dictionaries.MENUS, *code_tables.MENUS, *maintenance.MENUS)
"""The maintenance pages with an entry in the menu."""
MENU = (
    Chapter("", _("Title application"), (*ch0_personal.MENUS, *ch0_experts.MENUS), "own"),
    Chapter(
        "1.1",
        _("Title review"),
        (
            ch1_1_evaluation.UnitNoticeView,
            ch1_1_evaluation.UnitReportView,
            ch1_1_evaluation.SuperiorReviewView,
            ch1_1_evaluation.ApplicationQueryView,
            statistics.StatisticsView,
        ),
    ),
    Chapter(
        "1.2",
        _("Committee formation"),
        (
            ch1_2_committee.QualificationView,
            ch1_2_plans.PlanView,
            ch1_2_draw.DrawView,
            ch1_2_interviews.InterviewView,
            ch1_2_results.ResultView,
            ch1_2_result_notices.ResultNoticeView,
            ch1_2_filings.FilingView,
            supervision_record.CourseView,
        ),
    ),
    Chapter(
        "1.3",
        _("Judges' work"),
        (
            ch1_3_judging.MaterialReviewView,
            ch1_3_judging.InterviewScoreView,
            ch1_3_judging.MaterialScoreView,
            ch1_3_vote.VoteView,
            ch1_3_judging.OpinionView,
            my_seats.OwnSeatView,
            meeting_room.MeetingRoomView,
            meeting_results.MeetingResultView,
        ),
    ),
    Chapter(
        "1.4",
        _("Management of the committee's judges"),
        (ch1_4_experts.ExpertView, ch1_4_batches.BatchView),
    ),
    Chapter("1.5", _("Post quotas"), (ch1_5_quotas.QuotaView, ch1_5_quotas.QuotaReviewView)),
    Chapter(
        "1.6",
        _("Review tree"),
        (
            ch1_6_routes.RouteNodeView,
            ch1_6_routes.RouteConfirmView,
            tree_health.TreeHealthView,
            tree_health.RouteTrialView,
        ),
    ),
    Chapter("1.7", _("Certificates"), (ch1_7_certificates.CertificateView,)),
    Chapter(
        "",
        _("System"),
        (
            *barred_people.MENUS,
            *deputies.MENUS,
            *unit_people.MENUS,
            *unit_employment.MENUS,
            *unit_experts.MENUS,
            *registers.MENUS,
            *phrases.MENUS,
            *parameters.MENUS,
            *work_calendar.MENUS,
            *form_editor.MENUS,
            *eligibility_rules.MENUS,
            *persons.MENUS,
            *accounts.MENUS,
            *positions.MENUS,
            *logs.MENUS,
            *customise.MENUS,
            *screens.MENUS,
            *dossier_listing.MENUS,
            *words.MENUS,
            *menu_rights.MENUS,
            *consents.MENUS,
            *MAINTENANCE,
        ),
        "system",
    ),
)

PLAIN = (
    lookup.Lookup,
    finding.Finding,
    files.Files,
    reminders.Reminders,
    phrases.Phrases,
    proof.ResultProof,
    fairness.MeetingFairness,
    meeting_trial.MeetingTrial,
    home.Guide,
    how_to.HowTo,
    onlooking.Onlooking,
    home.Language,
    home.Year,
    ch0_own.Messages,
    ch0_phone.PhoneApp,
    *public.VIEWS,
    *public_proofs.VIEWS,
    *registration.VIEWS,
    *forgotten.VIEWS,
    *second_factor.VIEWS,
    *message_choices.VIEWS,
    *single_sign_on.VIEWS,
)
"""Views without menu entry and permissions: public ones, and ones whose record decides access."""
HIDDEN = (api.Api, ch0_phone.Phone, running_batches.RunningBatchView)
"""Views with permissions of their own that the side menu does not show."""


TREE = MenuTree(MENU, HIDDEN)


def views() -> Iterator[Any]:
    """Yield every view with permissions of its own: menus, the tabs inside them, and the hidden ones."""
    return TREE.views()


def register(app: Flask, appbuilder: AppBuilder) -> None:
    """Register every view; permissions are written by `flask sync-permissions`, not here."""
    set_menu(app, TREE)
    for view in (*views(), *PLAIN):
        if view not in MAINTENANCE:
            appbuilder.add_view_no_menu(view)
    maintenance.register((*MAINTENANCE, *dictionaries.INSIDE))
