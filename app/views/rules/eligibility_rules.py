"""System → conditions for applying: list and editor of the rules, and a try-out with typed facts."""

from datetime import date, datetime
from typing import Any

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.forms.rules import KindForm, RuleForm, TryForm, form_for, typed
from app.ground import clock
from app.ground.actor import Actor
from app.models import EligibilityRule, Person, Unit
from app.services.form import condition_texts
from app.services.ground import versions
from app.services.rules import rule_edits, rule_evaluation, rule_fields, rule_kinds
from app.services.rules.rule_kinds import Kind
from app.services.rules.rule_numbers import (
    Choice,
    Many,
    Parameter,
    Table,
    Tick,
    pairs,
)
from app.services.rules.rule_subject import ACADEMIC, Case, Degree
from app.validators import Invalid
from app.views.base import detail_sections, editing
from app.views.base.access import guarded
from app.views.base.administration import SystemView
from app.views.base.aliases import Label
from app.views.base.columns import Cell, Column, computed
from app.views.case import rule_pages
from app.web.security import require_actor

ASSUMED_YEARS = 5
"""Number of years for which the try-out assumes assessments and training hours."""


def _kind_label(rule: EligibilityRule) -> str:
    kind = rule_kinds.KINDS.get(rule.kind)
    return str(kind.label) if kind else rule.kind


def _condition(rule: EligibilityRule) -> str:
    try:
        return condition_texts.condition_text(rule.condition) or gettext("everybody")
    except (AttributeError, TypeError):
        return gettext("cannot be read")


def _years(rule: EligibilityRule) -> str:
    return f"{rule.valid_from}–{rule.valid_to or ''}"


def _state(rule: EligibilityRule) -> Cell:
    try:
        rule_kinds.read(rule.kind, rule.parameters)
    except Invalid as invalid:
        return Cell(gettext("cannot be computed"), tone="stop", title=str(invalid), kind="tag")
    if not rule.is_active:
        return Cell(gettext("switched off"), tone="rest", kind="tag")
    return Cell(gettext("in use"), tone="ok", kind="tag")


STATE = computed("use", _("State"), _state, "tag")
KIND = Column("kind", _("Kind of rule"), _kind_label, order=EligibilityRule.kind)
CONDITION = computed("condition", _("Applies to"), _condition)
READ = computed(
    "read", _("Reads of the form"), lambda rule: gettext(", ").join(rule_fields.labels(rule.kind))
)
YEARS = computed("years", _("Review years"), _years)


class EligibilityRuleView(SystemView):
    """The eligibility rules: shown to applicants; a hard rule that is not met refuses the application."""

    guide = "eligibility-rules"
    label = _("Conditions for applying")
    purpose = _(
        "What applicants must meet: each condition with its numbers and its clause. A change holds at once."
    )
    empty = _("There is no condition yet; without one nobody is refused.")
    roles = (Role.SYSADMIN,)
    how_to = ("change-a-condition",)
    model = EligibilityRule
    acts = ("create", "change", "try")
    base_order = ("order", "asc")
    search_columns = ["name", "code", "clause", "is_hard", "is_active"]
    list_columns = ["name", KIND, CONDITION, "is_hard", YEARS, "order", STATE]

    def sections(
        self, record: EligibilityRule, actor: Actor
    ) -> list[detail_sections.DetailSection]:
        kind = rule_kinds.KINDS.get(record.kind)
        facts = ["code", "name", "clause", KIND, CONDITION, "is_hard", YEARS, "order", READ, STATE]
        shown = [detail_sections.pairs("basic", gettext("Details"), record, facts)]
        return [*shown, *(_number_sections(kind, record) if kind else [])]

    def links(self, record: EligibilityRule, actor: Actor) -> list[tuple[Label, str]]:
        return (
            [(gettext("Edit"), self.url("change_rule", pk=record.id))] if self.may("change") else []
        )

    def list_links(self, actor: Actor) -> list[tuple[Label, str]]:
        return [(gettext("Try out"), self.url("try_out"))] if self.may("try") else []

    @expose("/add", methods=["GET", "POST"])
    @guarded("create")
    def add_record(self) -> ResponseReturnValue:
        """Add a rule: ask for its kind first, then show a form with a field for each of its parameters."""
        kind = rule_kinds.KINDS.get(request.args.get("kind", ""))
        if kind is None:
            return self._ask_kind()
        form = form_for(kind, is_new=True)()
        if request.method == "POST" and form.validate():
            try:
                made = rule_edits.add_rule(form.data_for_rule(), actor=require_actor())
                return self._saved(made)
            except (Refused, IntegrityError) as refusal:
                _show_refusal(form, refusal)
        return self._rule_page(gettext("Add"), form, kind, self.back_url())

    def _ask_kind(self) -> ResponseReturnValue:
        form = KindForm()
        if request.method == "POST" and form.validate():
            return redirect(self.url("add_record", kind=form.kind.data), 303)
        return self.form_page(gettext("Go on"), form, self.back_url())

    @expose("/<int:pk>/change", methods=["GET", "POST"])
    @guarded("change")
    def change_rule(self, pk: int) -> ResponseReturnValue:
        rule = self.find(pk, require_actor())
        kind = rule_kinds.KINDS.get(rule.kind)
        if kind is None:
            flash(gettext("There is no kind of rule “%(kind)s”.", kind=rule.kind), "warning")
            return redirect(self.detail_url(rule))
        form = form_for(kind, is_new=False)(data=_form_data(rule, kind))
        seen = rule.version if request.method == "GET" else editing.seen_version()
        if request.method == "POST" and form.validate():
            try:
                versions.require_version(rule, seen)
                rule_edits.change_rule(rule, form.data_for_rule(), actor=require_actor())
                return self._saved(rule)
            except (Refused, IntegrityError) as refusal:
                _show_refusal(form, refusal)
            except StaleDataError:
                seen = self._overtaken(form, kind, pk)
        return self._rule_page(gettext("Edit"), form, kind, self.url("show", pk=pk), seen)

    def _overtaken(self, form: RuleForm, kind: Kind, pk: int) -> int:
        """Report the stored values in the form and return the stored version."""
        db.session.rollback()
        rule = self.find(pk, require_actor())
        stored = type(form)(formdata=None, data=_form_data(rule, kind))
        editing.show_conflict(form, stored, rule_edits.subject_of(rule))
        return int(rule.version)

    def _saved(self, rule: EligibilityRule) -> ResponseReturnValue:
        db.session.commit()
        flash(gettext("Saved: %(name)s.", name=rule.name), "success")
        return redirect(self.detail_url(rule), 303)

    def _rule_page(
        self, title: str, form: RuleForm, kind: Kind, back: str, version: int | None = None
    ) -> ResponseReturnValue:
        page = {
            "title": f"{title} · {kind.label}",
            "form": form,
            "sections": form.groups(),
            "notes": (),
            "back_url": back,
            "submit_label": gettext("Save"),
            "version": version,
        }
        return render_template("form.html", page=page), 200 if request.method == "GET" else 422

    @expose("/try", methods=["GET", "POST"])
    @guarded("try")
    def try_out(self) -> ResponseReturnValue:
        """Evaluate the active rules for typed facts; nothing is stored and no person's data is read."""
        at = clock.now()
        form = TryForm(data={"review_year": clock.local_date(at).year})
        lines: list[rule_pages.Line] = []
        is_tried = request.method == "POST" and form.validate()
        if is_tried:
            with db.session.no_autoflush:
                case = _case(form.values(), at)
                found = rule_evaluation.judge(case, rule_evaluation.active(db.session()))
            lines = [rule_pages.line_of(one) for one in found]
        page = {
            "title": gettext("Try out"),
            "form": form,
            "notes": (gettext("Nothing is stored. Facts left empty are not known yet."),),
            "back_url": self.back_url(),
            "submit_label": gettext("Compute"),
            "version": None,
        }
        is_fine = is_tried or request.method == "GET"
        return render_template("rules_try.html", page=page, rules=lines), 200 if is_fine else 422


def _form_data(rule: EligibilityRule, kind: Kind) -> dict[str, Any]:
    """Return the stored values of a rule as the data of its form."""
    columns = (*rule_edits.WRITTEN, "code")
    stored = {name: getattr(rule, name) for name in columns if name != "parameters"}
    if not isinstance(stored["condition"], dict):
        stored["condition"] = None
    return stored | typed(kind, rule.parameters)


def _show_refusal(form: RuleForm, refusal: Exception) -> None:
    db.session.rollback()
    if isinstance(refusal, IntegrityError):
        refusal = Refused(gettext("This code is already given. Choose another one."), "code")
    form.show(refusal)


def _number_sections(kind: Kind, rule: EligibilityRule) -> list[detail_sections.DetailSection]:
    try:
        numbers = kind.read(rule.parameters)
    except Invalid as invalid:
        return [detail_sections.text("numbers", gettext("Numbers"), str(invalid))]
    single = [one for one in kind.parameters if not isinstance(one, Table)]
    sections = []
    if single:
        shown = [(one.label, Cell(_value_text(one, numbers[one.name]))) for one in single]
        sections.append(
            detail_sections.DetailSection("numbers", gettext("Numbers"), "pairs", pairs=shown)
        )
    for one in kind.parameters:
        if isinstance(one, Table):
            rows = [
                [Cell(_value_text(column, row[column.name])) for column in one.columns]
                for row in numbers[one.name]
            ]
            labels = [column.label for column in one.columns]
            sections.append(
                detail_sections.DetailSection(
                    one.name, one.label, "table", columns=labels, rows=rows, count=len(rows)
                )
            )
    return sections


def _value_text(one: Parameter, value: Any) -> str:
    if isinstance(one, Tick):
        return gettext("Yes") if value else gettext("No")
    if isinstance(one, Choice | Many):
        words = {code: str(label) for code, label in pairs(one)}
        codes = value if isinstance(value, list) else [value]
        return gettext(", ").join(words.get(code, code) for code in codes) or "—"
    return f"{value} {getattr(one, 'unit', '')}".strip()


def _case(facts: dict[str, Any], at: datetime) -> Case:
    """Return the typed facts as a case for the rules; person and unit exist in memory only."""
    year = facts["review_year"]
    known = {
        name: str(facts[name]) for name in ("mode", "series", "level", "employment", "unit_kind")
    }
    person = Person(
        name="", employment=facts["employment"], sex=facts["sex"], birth_date=facts["birth_date"]
    )
    unit = Unit(name=gettext("this unit"), kind=facts["unit_kind"], region_code="430102")
    last = date(year, 12, 31)
    return Case(
        at=at, person=person, facts=known | {"by": "applicant"}, level=facts["level"], unit=unit,
        review_year=year, seniority_date=last, material_cutoff=last, sections=_sections(facts),
    )  # fmt: skip


def _sections(facts: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    year, held = facts["review_year"], facts["held_level"]
    obtained: date | None = facts["obtained_on"]
    title = {
        "series": facts["held_series"] or facts["series"],
        "level": str(held or ""),
        "obtained_on": obtained.isoformat() if obtained else None,
    }
    years = range(year - ASSUMED_YEARS, year)
    poor = facts["poor_years"]
    sections: dict[str, list[dict[str, Any]]] = {"titles": [title] if held else []}
    if facts["technical_since"]:
        since = facts["technical_since"]
        sections["basic"] = [{"technical_since": since, "work_since": since}]
    if facts["degree"]:
        sections["education"] = [{"is_basis": True, **_education(Degree(facts["degree"]))}]
    if poor is not None:
        sections["assessments"] = [
            {"year": one, "grade": "basic" if place < poor else "competent"}
            for place, one in enumerate(years)
        ]
    if facts["public_hours"] is not None or facts["special_hours"] is not None:
        hours = {name: facts[name] or 0 for name in ("public_hours", "special_hours")}
        sections["continuing"] = [{"year": one, **hours} for one in years]
    return sections


def _education(degree: Degree) -> dict[str, str]:
    """Return the codes of level and degree with which the education section states `degree`."""
    codes = {found: code for code, found in ACADEMIC.items()}
    schools = {Degree.COLLEGE: "31", Degree.SECONDARY: "41"}
    return {"level": schools.get(degree, "90"), "degree": codes.get(degree, "0")}


MENUS = (EligibilityRuleView,)
