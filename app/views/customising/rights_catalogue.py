"""What the menu declares as rights: every menu and button with its words, and who can never use it."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from flask_babel.speaklater import LazyString

from app.enums import Role
from app.services.customising import catalogue
from app.services.customising.catalogue import Place
from app.services.customising.rights import Right, RightsArea
from app.views.base.aliases import Label
from app.views.base.case_timeline import ROLES_THAT_SEE_JUDGES
from app.views.frame.menu_tree import current_menu

KEPT = "zhicheng.rights_catalogue"
NAMES = {
    "list": _("See the list"),
    "show": _("See details"),
    "add": _("Add"),
    "create": _("Add"),
    "edit": _("Edit"),
    "change": _("Edit"),
    "withdraw": _p("position", "Withdraw"),
    "export": _("Export"),
    "generate": _("Generate"),
    "interview": _("Answer the interview notice"),
    "recusal": _("Ask for recusal"),
    "api": _p("permission", "Interface for programs"),
    "apply": _p("permission", "Begin an application"),
    "fill": _p("permission", "Fill in an application"),
    "correct": _p("permission", "Correct a person"),
    "import": _p("permission", "Import from Excel"),
    "submit": _p("permission", "Hand in an application"),
    "key": _("Take a code for the ballot box"),
    "vote": _("Vote"),
    "look": _p("permission", "See the program as somebody else"),
    "remind": _p("permission", "Remind"),
    "remove": _p("permission", "Take out"),
    "slip": _("Print your half of the slip"),
    "try": _p("permission", "Try a rule on an application"),
    "publish": _p("permission", "Publish a form"),
    "hand_over": _p("permission", "Hand over a claim code"),
    "undo": _p("permission", "Undo a published change"),
    "propose": _p("permission", "Propose a change of the review tree"),
}


def items() -> Mapping[Place, Right]:
    """Return every permission in menu order, those without a menu last; built once per worker."""
    if KEPT not in current_app.extensions:
        current_app.extensions[KEPT] = {(r.target, r.key): r for r in _rights()}
    kept: Mapping[Place, Right] = current_app.extensions[KEPT]
    return kept


def _rights() -> Iterator[Right]:
    tree = current_menu()
    for chapter in tree.chapters:
        heading = LazyString(lambda chapter=chapter: f"{chapter.number} {chapter.label}".strip())
        for menu in chapter.views:
            for view in (menu, *menu.tabs):
                yield from _rights_of(view, heading)
    for view in tree.hidden:
        yield from _rights_of(view, _p("permissions", "Without a menu"))


def _rights_of(view: Any, heading: Label) -> Iterator[Right]:
    usable = {role: view.permissions_of(role) for role in Role}
    names_judges = getattr(view, "names_judges", False)
    for name in view.permissions():
        yield Right(
            view.__name__,
            f"can_{name}",
            group=heading,
            menu=LazyString(partial(menu_label, view)),
            label=permission_label(view, name),
            meant_for=view.roles,
            comes_with=frozenset(role for role in view.roles if name in usable[role]),
            usable_by=frozenset(role for role in Role if name in usable[role]),
            hidden_from=(
                frozenset(Role).difference(ROLES_THAT_SEE_JUDGES, view.roles)
                if names_judges
                else frozenset()
            ),
        )


def menu_label(view: Any) -> str:
    """Return number and title of a menu; the tab label or “phone” distinguishes menus of the same title."""
    number = view.guide if view.guide[:1].isdigit() else ""
    part = gettext("Phone") if getattr(view, "is_phone", False) else ""
    part = str(getattr(view, "tab_label", part))
    name = f"{number} {view.label}".strip()
    return f"{name}（{part}）" if part and part != str(view.label) else name


def permission_label(view: Any, permission: str) -> Label:
    """Return the words for a permission: those of its button, or what every menu calls it."""
    if hasattr(view, "is_phone") and permission == "withdraw":
        return _("Withdraw")
    button = next((b for b in getattr(view, "buttons", ()) if b.name == permission), None)
    return button.label if button else NAMES.get(permission, permission)


RIGHTS = RightsArea(items)
catalogue.register(RIGHTS)
