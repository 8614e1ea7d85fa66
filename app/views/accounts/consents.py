"""Acts of administrators that wait for the consent of a second one (待同意事项)."""

from typing import ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app import scopes
from app.enums import Role
from app.ground.actor import Actor
from app.models import Consent
from app.services.accounts import consents
from app.views.base import detail_sections
from app.views.base.base import GuideView
from app.views.base.columns import Column, computed
from app.views.base.declarations import Button

ACT = computed("act", _("Act"), lambda consent: consents.label_of(consent))
COLUMNS: list[str | Column] = [
    ACT, "subject", "reason", "asker", "asker_role", "created_at", "expires_at", "state",
]  # fmt: skip
DECIDE = Button(
    "decide",
    _("Decide"),
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
    search_columns: ClassVar[list[str]] = ["subject", "asker", "created_at", "state"]

    def name_of(self, record: Consent) -> str:
        return f"{consents.label_of(record)} {record.subject}"

    def sections(self, record: Consent, actor: Actor) -> list[detail_sections.DetailSection]:
        facts = [*COLUMNS, "second", "answer"]
        return [detail_sections.pairs("basic", gettext("Details"), record, facts)]


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


MENUS = (ConsentView,)
