"""What the menus declare as changeable: words, columns, search fields, order, buttons, required fields, place."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from flask import current_app
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from flask_babel.speaklater import LazyString

from app.extensions import appbuilder
from app.forms.base.fields import BooleanField
from app.services.customising import catalogue, dossier_order, screens
from app.services.customising.catalogue import Place
from app.services.customising.screens import Kind, ScreenArea, ScreenItem
from app.views.base import customised, figures
from app.views.base.aliases import Label
from app.views.base.declared_view import DeclaredView
from app.views.base.list_rows import SIZES
from app.views.customising import dossier_catalogue
from app.views.customising.rights_catalogue import menu_label
from app.views.frame.menu_tree import current_menu
from app.views.frame.shell import LOCALES

KEPT = "zhicheng.screen_catalogue"
WORDS = {
    "label": (_p("screens", "Title"), screens.LONGEST_WORD),
    "tab_label": (_("Title of the tab"), screens.LONGEST_WORD),
    "purpose": (_("Help below the title"), screens.LONGEST_TEXT),
    "empty": (_("Text of the empty list"), screens.LONGEST_TEXT),
}
WIDTHS = {"": _("as the content needs"), "narrow": _("narrow"), "wide": _("wide")}
NOT_MARKED: dict[str, Any] = {"": _("as the program comes")}


def items() -> Mapping[Place, ScreenItem]:
    """Return every changeable thing of every menu, in menu order; built once per worker."""
    if KEPT not in current_app.extensions:
        current_app.extensions[KEPT] = {(one.target, one.key): one for one in _items()}
    kept: Mapping[Place, ScreenItem] = current_app.extensions[KEPT]
    return kept


def items_of(view: str) -> Mapping[str, ScreenItem]:
    """Return what of one menu can be changed, by key."""
    return {key: item for (target, key), item in items().items() if target == view}


def built_list(view: type[Any]) -> DeclaredView | None:
    """Return the view object that serves a menu, None for a page that is no list."""
    built = next((one for one in appbuilder.baseviews if type(one) is view), None)
    return built if isinstance(built, DeclaredView) else None


def _items() -> Iterator[ScreenItem]:
    chapters: dict[str, Any] = {
        chapter.key: LazyString(lambda c=chapter: f"{c.number} {c.label}".strip())
        for chapter in current_menu().chapters
    }
    for chapter in current_menu().chapters:
        for menu in chapter.views:
            make = partial(_item, menu, chapters[chapter.key])
            yield from _place(make, chapter.key, chapters)
            for view in (menu, *menu.tabs):
                yield from _of_view(view, chapters[chapter.key])


def _item(view: Any, group: Label, key: str, label: Label, kind: Kind, **values: Any) -> ScreenItem:
    values = {"default": "", "choices": {}, **values}
    menu = LazyString(partial(menu_label, view))
    return ScreenItem(view.__name__, key, group, menu, label, kind, roles=view.roles, **values)


def _place(make: Any, chapter: str, chapters: Mapping[str, Any]) -> Iterator[ScreenItem]:
    yield make(
        "chapter", _("Chapter of the menu"), screens.CHOICE, default=chapter, choices=chapters
    )
    yield make("place", _("Place in the chapter"), screens.PLACE, default=None)
    yield make("hidden", _("In the side menu"), screens.HIDDEN, default=False)


def _of_view(view: Any, group: Label) -> Iterator[ScreenItem]:
    make = partial(_item, view, group)
    for name, (label, most) in WORDS.items():
        word = getattr(view, name, "")
        if isinstance(word, customised.ChangeableWord):
            yield from _word(make, name, label, word.default, most)
    built = built_list(view)
    if built is None:
        return
    for button in view.buttons:
        label = LazyString(lambda b=button: gettext("Button “%(name)s”", name=b.label.default))
        yield from _word(make, f"button:{button.name}", label, button.label.default)
    yield from _of_list(make, built)
    yield from _of_form(make, built)
    if view.__name__ == figures.MENU:
        usual = list(figures.USUAL_CHARTS)
        yield make(
            "home",
            _("Charts of the start page"),
            screens.ORDERED,
            default=usual,
            choices=figures.CHARTS,
        )


def _word(
    make: Any, key: str, label: Label, default: Label, most: int = screens.LONGEST_WORD
) -> Iterator[ScreenItem]:
    for language, (_code, name) in LOCALES.items():
        called = label if language.startswith("zh") else LazyString(lambda n=name: f"{label} ({n})")
        yield make(
            customised.word_key(key, language), called, screens.TEXT, own_words=default, most=most
        )


def _of_list(make: Any, view: DeclaredView) -> Iterator[ScreenItem]:
    names: dict[str, Any] = {one.key: one.label for one in view.all_columns}
    default = [one.key for one in view.columns]
    yield make("columns", _p("screens", "Columns"), screens.COLUMNS, default=default, choices=names)
    for one in view.all_columns:
        word = one.label.default if isinstance(one.label, customised.ChangeableWord) else one.label
        heading = LazyString(lambda w=word: gettext("Heading “%(name)s”", name=w))
        yield from _word(make, f"column:{one.key}", heading, word)
        called = LazyString(lambda w=word: gettext("Width of “%(name)s”", name=w))
        yield make(f"width:{one.key}", called, screens.CHOICE, choices=WIDTHS)
    fields: dict[str, Any] = {one.name: one.label for one in view.searched}
    yield make("search", _("Search fields"), screens.ORDERED, default=list(fields), choices=fields)
    yield make("sort", _("Sorted by"), screens.CHOICE, choices=_orders(view))
    yield make("size", _("Rows of a page"), screens.CHOICE, choices=_sizes())
    yield make("filter", _("Opens narrowed to"), screens.FILTER, default={}, choices=_filters(view))


class Orders(Mapping[str, Any]):
    """The orders in which a list can open: the program's own, then those by any field of the dossier.

    Fields are looked up when they are asked for: they follow the published forms, the catalogue is built once.
    """

    def __init__(self, view: str, own: Mapping[str, Any]) -> None:
        self.view, self.own = view, own

    def __getitem__(self, value: str) -> Any:
        if value in self.own or not dossier_order.field_of(value):
            return self.own[value]
        return dossier_catalogue.orders_of(self.view)[value]

    def __iter__(self) -> Iterator[str]:
        return iter({**self.own, **dossier_catalogue.orders_of(self.view)})

    def __len__(self) -> int:
        return sum(1 for _value in self)


def _orders(view: DeclaredView) -> Mapping[str, Any]:
    found = dict(NOT_MARKED)
    for one in view.all_columns:
        if one.key in view.orders:
            found |= screens.two_orders(one.key, one.label)
    is_of_cases = type(view) in dossier_catalogue.lists()
    return Orders(type(view).__name__, found) if is_of_cases else found


def _sizes() -> dict[str, Any]:
    return {**NOT_MARKED, **{str(size): str(size) for size in SIZES}}


def _filters(view: DeclaredView) -> dict[str, Any]:
    return {
        f"{one.name}={value}": LazyString(lambda f=one, w=label: f"{f.label}: {w}")
        for one in view.searched
        if one.kind == "select"
        for value, label in one.choices
        if value
    }


def _of_form(make: Any, view: DeclaredView) -> Iterator[ScreenItem]:
    if view.add is not None:
        optional = dict(_optional_fields(view.add.form))
        if optional:
            yield make(
                "required",
                _("Also required in a new record"),
                screens.TICKS,
                default=[],
                choices=optional,
            )
    sections = view.offered_sections()
    if sections is not None:
        yield make("sections", _("First at a record"), screens.ORDERED, default=[], choices=sections)  # fmt: skip


def _optional_fields(form: type[Any]) -> Iterator[tuple[str, Any]]:
    declared = {
        name: field for kind in reversed(form.__mro__) for name, field in vars(kind).items()
    }
    for name, field in declared.items():
        kwargs = getattr(field, "kwargs", {})
        kind = getattr(field, "field_class", None)
        if kind is None or kind is BooleanField or kwargs.get("is_required") is not False:
            continue
        if label := field.args[0] if field.args else kwargs.get("label"):
            yield name, label


SCREENS = ScreenArea(items)
catalogue.register(SCREENS)
