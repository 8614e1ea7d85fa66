"""经办人 in the queues of cases: the column, the buttons, and whose cases wait for whom."""

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload, selectinload

from app.forms.handling import EntrustForm
from app.models import Application, Handler, Position
from app.services.handling import handlers
from app.views.base.columns import Column
from app.views.base.declarations import Button


def _name(record: Application) -> Any:
    return handlers.shown(record) or None


HANDLER = Column(
    "handler",
    _("Handler"),
    _name,
    load=(
        selectinload(Application.handlers).joinedload(Handler.position).joinedload(Position.user),
        joinedload(Application.committee),
    ),
)
ENTRUST = Button(
    "entrust",
    _("Give to a colleague"),
    events={"entrust": _("Give to a colleague")},
    form=EntrustForm,
    asks_opinion=True,
    tone="",
    is_in_rows=False,
)
RELEASE = Button(
    "release",
    _("Take back from the colleague"),
    events={"release": _("Take back from the colleague")},
    confirm=_("Take %(count)s cases back; everybody at your place can handle them again."),
    tone="",
    is_in_rows=False,
)
BUTTONS = (ENTRUST, RELEASE)
