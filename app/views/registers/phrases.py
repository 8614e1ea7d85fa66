"""Canned phrases (常用语): kept per role by administrators and by everybody for oneself, offered beside opinions."""

from typing import Any, ClassVar

from flask import abort, jsonify
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app import scopes
from app.enums import Role
from app.forms.registers import OwnPhraseForm, PhraseForm
from app.ground.actor import Actor
from app.models import Phrase
from app.services.registers import phrases
from app.views.base import detail_sections
from app.views.base.base import GuideView
from app.views.base.columns import Column
from app.views.base.declarations import Add, Change
from app.web.security import current_actor

FACTS = ("text", "order", "is_active")


def _load(phrase: Phrase) -> dict[str, Any]:
    return {name: getattr(phrase, name) for name in ("role", *FACTS)}


class PhraseList(GuideView):
    """Base of both registers of phrases."""

    model = Phrase
    base_order = ("order", "asc")
    search_columns: ClassVar[list[str]] = ["text", "is_active"]
    list_columns: ClassVar[list[str | Column]] = [*FACTS]

    def name_of(self, record: Phrase) -> str:
        return str(record.text)

    def sections(self, record: Phrase, actor: Actor) -> list[detail_sections.DetailSection]:
        return [detail_sections.pairs("basic", gettext("Details"), record, list(self.list_columns))]


class PhraseView(PhraseList):
    """The phrases of every role."""

    guide = "phrases"
    label = _("Canned phrases")
    purpose = _(
        "Wordings that people of a role insert into opinions and reasons with two keys. A change holds from the next page on."
    )
    empty = _("No role has phrases yet; everybody may still keep own ones.")
    roles = (Role.SYSADMIN,)
    how_to = ("add-a-phrase",)
    scope = staticmethod(scopes.phrases_of_roles)
    list_columns: ClassVar[list[str | Column]] = ["role", *FACTS]
    search_columns: ClassVar[list[str]] = ["role", "text", "is_active"]
    add = Add(
        _("New"), form=PhraseForm, event="", build=lambda data, actor, at: phrases.build(data, None)
    )
    change = Change(
        _("Edit"), form=PhraseForm, event="", load=_load,
        apply=lambda phrase, data, actor, at: phrases.write(phrase, data),
    )  # fmt: skip


class OwnPhraseView(PhraseList):
    """One's own phrases in the present role."""

    guide = "own-phrases"
    how_to = PhraseView.how_to
    label = _("My canned phrases")
    purpose = _(
        "Your own wordings for opinions and reasons. In a field, “/” opens the list and Alt with a digit inserts one at once."
    )
    empty = _("You keep no phrases yet. Those of your role are offered all the same.")
    roles = phrases.USERS
    scope = staticmethod(scopes.own_phrases)
    add = Add(
        _("New"), form=OwnPhraseForm, event="", is_named=False,
        build=lambda data, actor, at: phrases.build(data, actor),
    )  # fmt: skip
    change = Change(
        _("Edit"), form=OwnPhraseForm, event="", load=_load,
        apply=lambda phrase, data, actor, at: phrases.write(phrase, data),
    )  # fmt: skip


class Phrases(BaseView):
    """GET /phrases → {"phrases": [text]}: what the person signed in may insert."""

    route_base = "/phrases"
    base_permissions: list[str] = []

    @expose("/")
    def offered(self) -> ResponseReturnValue:
        actor = current_actor() or abort(401)
        return jsonify({"phrases": phrases.offered(scopes.phrases_offered(actor))})


MENUS = (OwnPhraseView, PhraseView)
