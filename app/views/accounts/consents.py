"""Acts of administrators that wait for the consent of a second one (待同意事项)."""

from collections.abc import Sequence
from typing import ClassVar

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import ColumnElement

from app import scopes
from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.forms.base import base as forms
from app.ground import clock
from app.ground.actor import Actor
from app.models import Consent
from app.services.accounts import consents, resets
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import Column, computed
from app.views.base.declarations import Button
from app.web.security import require_actor

ACT = computed(
    "act", _p("consent", "What is asked for"), lambda consent: consents.label_of(consent)
)
COLUMNS: list[str | Column] = [
    ACT, "subject", "reason", "asker", "asker_role", computed("asked_at", _("Asked at"), lambda consent: consent.created_at), "expires_at", "state",
]  # fmt: skip
DECIDE = Button(
    "decide",
    _p("consent", "Answer"),
    events={"agree": _p("consent", "Agree"), "decline": _p("consent", "Decline")},
    confirm=_("Decide on %(count)s acts; what you agree to is done at once."),
)
TAKE_BACK = Button(
    "take_back",
    _p("consent", "Take back"),
    events={"take_back": _p("consent", "Take back")},
    tone="stop",
)


class ConsentRecordView(GuideView):
    """Every act that needed a second administrator, with who asked and who answered."""

    guide = "consents"
    slug = "all"
    label = _("Acts awaiting consent")
    tab_label = _("All, with their answers")
    purpose = _("Acts that two administrators did together, who asked for them and who agreed.")
    empty = _("No act needed a second administrator so far.")
    model = Consent
    roles: ClassVar[tuple[Role, ...]] = (Role.SYSADMIN, Role.SECADMIN)
    scope = staticmethod(scopes.consents_of_administrators)
    list_columns: ClassVar[list[str | Column]] = COLUMNS
    search_columns: ClassVar[list[str]] = ["subject", "asker", "state"]

    def name_of(self, record: Consent) -> str:
        return f"{consents.label_of(record)} {record.subject}"

    def links(self, record: Consent, actor: Actor) -> list[tuple[Label, str]]:
        if resets.half_of(actor, record) is None or not self.may("slip"):
            return []
        return [(gettext("Print your half of the slip"), self.url("slip", pk=record.id))]

    @classmethod
    def permissions(cls) -> list[str]:
        return [*super().permissions(), "slip"]

    @expose("/<int:pk>/slip", methods=["GET", "POST"])
    @guarded("slip")
    def slip(self, pk: int) -> ResponseReturnValue:
        """Show this administrator's half of a sealed slip for printing, once."""
        actor, form = require_actor(), forms.Form()
        record = self.find(pk, actor)
        title, back = gettext("Print your half of the slip"), self.detail_url(record)
        if request.method == "POST" and form.validate():
            try:
                half, code = resets.print_half(actor, record, at=clock.now())
                db.session.commit()
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
            else:
                page = {"title": title, "purpose": self.label, "back_url": back}
                return render_template(
                    "slip.html",
                    page=page,
                    user=record.user,
                    half=half + 1,
                    code=code,
                    where=current_app.config["PUBLIC_URL"] + url_for("Forgotten.use"),
                )
        note = gettext(
            "The half is shown once. Print it, fold and seal the slip, and hand it to %(name)s in person. Do not"
            " give it to the other administrator.",
            name=record.user.get_full_name() if record.user else "",
        )
        page = {
            "title": title,
            "form": form,
            "notes": (note,),
            "back_url": back,
            "submit_label": title,
            "version": None,
        }
        return render_template("form.html", page=page), 200 if request.method == "GET" else 422

    def sections(self, record: Consent, actor: Actor) -> list[detail_sections.DetailSection]:
        facts = [*COLUMNS, "second", "answer"]
        sections = [detail_sections.pairs("basic", gettext("Details"), record, facts)]
        if lines := consents.lines_of(record):
            label = gettext("What it changes")
            sections.append(detail_sections.text("lines", label, "\n".join(lines)))
        return sections


class ConsentView(ConsentRecordView):
    """Acts that wait for a second administrator."""

    guide = "consents"
    slug = ""
    label = _("Acts awaiting consent")
    tab_label = _("To be decided")
    purpose = _(
        "Acts that one administrator alone may not do. Another one looks at the reason and agrees or declines; nothing happens before."
    )
    empty = _("No act waits for a second administrator.")
    waiting = ("agree",)
    buttons = (DECIDE, TAKE_BACK)
    tabs = (ConsentRecordView,)

    @classmethod
    def waiting_conditions(cls, actor: Actor) -> list[ColumnElement[bool]]:
        """Count what this administrator may decide: not the own asking, nor what concerns the own account."""
        others = (Consent.asked_by != actor.user_id) & (
            Consent.user_id.is_(None) | (Consent.user_id != actor.user_id)
        )
        return [*cls.conditions(actor), others]

    def act_result(self, event: str, records: Sequence[Consent]) -> str:
        """Tell who agreed to a slip that one half of it is now to be printed."""
        if event != "agree" or all(one.kind != resets.SLIP for one in records):
            return ""
        return gettext(
            "Open the act under “All, with their answers” and print your half of the slip."
        )


MENUS = (ConsentView,)
