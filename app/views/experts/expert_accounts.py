"""1.4.1: accounts that claim to be an expert's, confirmed or refused by the committee's office."""

from typing import ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app import scopes
from app.enums import Role
from app.ground.actor import Actor
from app.models import ExpertAccount
from app.validators import mask_id
from app.views.base import detail_sections
from app.views.base.base import GuideView
from app.views.base.columns import Column, computed
from app.views.base.declarations import Button


def _phone(record: ExpertAccount) -> str:
    phone = record.person.phone
    return f"{phone[:3]}****{phone[-4:]}" if phone else ""


COLUMNS: list[str | Column] = [
    "person",
    computed("id_number", _("ID number"), lambda one: mask_id(one.person.id_number)),
    "user.username",
    computed("phone", _("Mobile"), _phone),
    "committee",
    computed("since", _("Waits since"), lambda one: one.created_at),
    "state",
]
CONFIRM = Button(
    "confirm",
    _p("expert account", "Confirm the account"),
    events={
        "confirm": _p("expert account", "Confirm the account"),
        "refuse": _p("expert account", "Not the expert's account"),
    },
    confirm=_(
        "Decide on %(count)s accounts. Ask each expert by a telephone number that you know, not by the one of the account, and write down how you made sure. Who is confirmed works as a judge."
    ),
    asks_opinion=True,
)


class ExpertAccountView(GuideView):
    """1.4.1 Accounts of experts in the own pools that the office has to confirm."""

    guide = "1.4.1"
    slug = "accounts"
    label = _("Accounts of experts")
    tab_label = _("Accounts to be confirmed")
    purpose = _(
        "Accounts that were opened with the ID number and name of an expert. Until you have confirmed that it is the expert's own, the account is no judge's and is not drawn."
    )
    empty = _("No account of an expert waits for your confirmation.")
    model = ExpertAccount
    roles: ClassVar[tuple[Role, ...]] = (Role.OFFICE,)
    names_judges = True
    scope = staticmethod(scopes.expert_accounts_of_my_committees)
    waiting: ClassVar[tuple[str, ...]] = ("refuse",)
    buttons: ClassVar[tuple[Button, ...]] = (CONFIRM,)
    list_columns: ClassVar[list[str | Column]] = COLUMNS
    search_columns: ClassVar[list[str]] = ["committee", "state"]

    def name_of(self, record: ExpertAccount) -> str:
        return str(record.person.name)

    def sections(self, record: ExpertAccount, actor: Actor) -> list[detail_sections.DetailSection]:
        return [detail_sections.pairs("basic", gettext("Details"), record, COLUMNS)]


class ExpertAccountRecordView(ExpertAccountView):
    """1.4.1 All accounts of experts; one refused by mistake can still be confirmed."""

    guide = "1.4.1"
    slug = "all-accounts"
    label = _("Accounts of experts")
    tab_label = _("Accounts of experts")
    empty = _("No account of an expert had to be confirmed.")
    waiting = ()
