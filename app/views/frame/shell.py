"""Values of the frame around every page: menu with counts, breadcrumb, positions, language, server time."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import Flask, current_app, g, request, session, url_for
from flask_babel import get_locale, gettext
from sqlalchemy import select

from app.enums import Role
from app.extensions import appbuilder, db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Batch
from app.services.credentials import sessions
from app.services.customising import change_sets
from app.services.exports.paper_text import require_drawable_page
from app.services.messages import outbox
from app.todos import counting
from app.views.base.aliases import Label, Page
from app.views.frame import finding, how_to_pages
from app.views.frame.menu_tree import Chapter, arranged, current_menu
from app.web import security
from app.web.security import current_actor, signed_in

MENU_LAID_OPEN = 14
"""With at most this many menus all chapters are expanded, because they fit on the screen."""
PAGES_WITH_DRAFT = ("GrantView", "CustomiseView")
"""Views that have the draft of whoever may change something there."""
PAGES_NOT_POINTED_AT = ("WordView", "CustomiseView", "ScreenView")
"""Views on which texts are changed and published: there a press does what it always does."""
YEARS = select(Batch.review_year).distinct().order_by(Batch.review_year.desc()).limit(8)
LOCALES = {"zh_Hans_CN": ("zh-Hans-CN", "中文"), "en": ("en", "English")}


def init_app(app: Flask) -> None:
    """Give every template the variable `shell` and the filters for dates, browser names and printed sheets."""
    app.context_processor(lambda: {"shell": current_shell()})
    app.jinja_env.filters["browser"] = _browser
    app.jinja_env.filters["day"] = _day
    app.jinja_env.filters["drawable"] = require_drawable_page
    app.jinja_env.filters["moment"] = _moment
    app.jinja_env.filters["clock_time"] = _clock_time


def current_shell() -> "Shell":
    """Return the frame of this request, which the page and what it shows share."""
    if "shell" not in g:
        g.shell = Shell()
    shell: Shell = g.shell
    return shell


class Shell:
    """Values of the page frame; each is computed on first use and cached for the request."""

    @cached_property
    def system_name(self) -> str:
        return gettext("Professional title application and review")

    @cached_property
    def actor(self) -> Actor | None:
        return current_actor()

    @cached_property
    def waiting(self) -> list[counting.Waiting]:
        """What waits for the actor, for the menu and the start pages."""
        if self.actor is None or self.actor.is_onlooker:
            return []
        entries = current_menu().entries()
        return counting.of(entries, self.actor, security.permissions(), at=clock.now())

    @cached_property
    def counts(self) -> Counter[str]:
        """Name of a view → rows that wait in it."""
        counted: Counter[str] = Counter()
        for one in self.waiting:
            counted[one.view.__name__] += one.count
        return counted

    @cached_property
    def menu(self) -> list[Page]:
        chapters = [(chapter, self._items(chapter)) for chapter in arranged()] if self.actor else []
        is_short = sum(len(items) for _chapter, items in chapters) <= MENU_LAID_OPEN
        return [
            {
                "number": chapter.number,
                "label": chapter.label,
                "items": items,
                "count": sum(item["count"] or 0 for item in items),
                "is_open": is_short
                or len(items) < 5
                or any(item["is_current"] or item["count"] for item in items),
            }
            for chapter, items in chapters
            if items
        ]

    def _items(self, chapter: Chapter) -> list[Page]:
        return [
            {
                "number": view.guide if view.guide[:1].isdigit() else "",
                "label": view.label,
                "url": menu_url(self._tab_with_work(tabs)),
                "count": sum(self.counts[tab.__name__] for tab in tabs) or None,
                "is_current": _current_view() in _names(view),
            }
            for view in filter(None, chapter.views)
            if (tabs := allowed_tabs(view))
        ]

    def _tab_with_work(self, tabs: Sequence[Any]) -> Any:
        """Return the first of the allowed tabs in which something waits, the first one where nothing does."""
        return next((tab for tab in tabs if self.counts[tab.__name__]), tabs[0])

    @cached_property
    def crumbs(self) -> list[tuple[Label, str | None]]:
        trail: list[tuple[Label, str | None]] = [(gettext("Home"), "/")]
        name = _current_view()
        for chapter in arranged():
            for view in filter(None, chapter.views):
                if name in _names(view):
                    trail.append((f"{chapter.number} {chapter.label}".strip(), None))
                    number = view.guide if view.guide[:1].isdigit() else ""
                    first = next(iter(allowed_tabs(view)), view)
                    trail.append((f"{number} {view.label}".strip(), menu_url(first)))
        return trail

    @cached_property
    def positions(self) -> list[Page]:
        who = signed_in()
        if who is None or self.actor is None or self.actor.is_onlooker:
            return []
        return [
            {"id": p.id, "label": p.label, "is_current": p.id == self.actor.position_id}
            for p in sessions.positions(who.user.id)
        ]

    @cached_property
    def draft(self) -> Page | None:
        """The draft of who may change the program: how many changes wait in it, and its page."""
        view = next(
            (v for v in PAGES_WITH_DRAFT if appbuilder.sm.has_access("can_change", v)), None
        )
        if self.actor is None or self.actor.is_onlooker or view is None:
            return None
        count = change_sets.count_in_draft(self.actor)
        is_shown = bool(session.get(security.PREVIEW))
        return {"count": count, "view": view, "is_shown": is_shown} if count else None

    @cached_property
    def pointing(self) -> Page | None:
        """Whether a press on a text leads to the page that changes it; asks the database nothing, for pages of faults."""
        actor: Actor | None = g.get("actor")
        if not session.get(security.POINTING) or actor is None or actor.role is not Role.SYSADMIN:
            return None
        return {"is_on": _current_view() not in PAGES_NOT_POINTED_AT}

    @cached_property
    def messages_url(self) -> str | None:
        return "/messages/" if self.actor and not self.actor.is_onlooker else None

    @cached_property
    def login_url(self) -> str:
        return url_for("Session.login")

    @cached_property
    def public_links(self) -> list[dict[str, str]]:
        return [
            {"label": gettext("Result notices"), "url": "/public/notices/"},
            {"label": gettext("Certificate verification"), "url": "/public/certificates/"},
            {"label": gettext("Check a draw or a vote"), "url": "/public/proofs/"},
        ]

    @cached_property
    def messages_count(self) -> int:
        return outbox.unread_count(self.actor.user_id) if self.actor and self.actor.user_id else 0

    @cached_property
    def help_url(self) -> str | None:
        view = next((v for v in current_menu().views() if v.__name__ == _current_view()), None)
        return (
            url_for("Guide.show", number=view.guide) if view and view.guide[:1].isdigit() else None
        )

    @cached_property
    def how_to(self) -> list[Page]:
        """The pages on how to change something in the menu that is open, for who may open it."""
        name = _current_view()
        view = next((v for v in current_menu().views() if name in _pages(v)), None)
        if view is None or self.actor is None or self.actor.is_onlooker:
            return []
        may_open = appbuilder.sm.has_access("can_list", view.__name__)
        return how_to_pages.links(view) if may_open else []

    @cached_property
    def locale(self) -> dict[str, str]:
        code = str(get_locale())
        return {"code": code, "lang": LOCALES.get(code, LOCALES["en"])[0]}

    @cached_property
    def other_locale(self) -> dict[str, str]:
        code = "en" if self.locale["code"] != "en" else "zh_Hans_CN"
        here = request.full_path.rstrip("?") if request.method == "GET" else "/"
        return {
            "code": code,
            "label": LOCALES[code][1],
            "url": url_for("Language.choose", code=code, next=here),
        }

    @cached_property
    def years(self) -> list[Page]:
        """The newest eight review years that have batches, and which one the lists are limited to."""
        if (
            self.actor is None
            or self.actor.is_onlooker
            or self.actor.role.is_maintenance
            or self.actor.role is Role.APPLICANT
        ):
            return []
        found = db.session.scalars(YEARS)
        chosen, here = session.get("year") or 0, request.full_path.rstrip("?")
        years = [
            (0, gettext("All years")),
            *((year, gettext("Year %(year)s", year=year)) for year in found),
        ]
        return [
            {
                "label": label,
                "url": url_for("Year.choose", year=year, next=here),
                "is_current": year == chosen,
            }
            for year, label in years
        ]

    @cached_property
    def now(self) -> datetime:
        return clock.local(clock.now())

    @cached_property
    def is_demo(self) -> bool:
        """Whether the banner of the demonstration stands on the page; a rehearsal has one of its own."""
        return bool(current_app.config["DEMO"]) and not self.is_rehearsal

    @cached_property
    def is_rehearsal(self) -> bool:
        return bool(current_app.config["REHEARSAL"])

    @cached_property
    def request_id(self) -> str:
        return str(g.get("request_id", ""))

    @cached_property
    def search_url(self) -> str | None:
        """The address of the search across menus, None for who has none."""
        if self.actor is None or self.actor.is_onlooker or not finding.is_for(self.actor):
            return None
        return url_for("Finding.show")

    @cached_property
    def role_label(self) -> str:
        """The name of the own role or role in which somebody works."""
        who = signed_in()
        return who.position.role_label if who and who.position else ""

    @cached_property
    def viewing(self) -> Page | None:
        """As whom somebody only looks at the program; None for who is oneself."""
        seen = security.viewing()
        return {"of": seen, "buttons": g.get("viewed_buttons", [])} if seen else None


def allowed_tabs(view: Any) -> list[Any]:
    """Return the menu and the tabs of it that the present position may open, in their order."""
    family = (view, *view.tabs)
    return [one for one in family if appbuilder.sm.has_access("can_list", one.__name__)]


def menu_url(view: Any) -> str:
    """Return the URL of a menu's first page."""
    return url_for(f"{getattr(view, 'endpoint', None) or view.__name__}.{view.default_view}")


def _names(view: Any) -> set[str]:
    """Return the names of a menu's view, of its tabs and of the pages it leads to."""
    return {tab.__name__ for tab in view.tabs} | _pages(view)


def _pages(view: Any) -> set[str]:
    """Return the names of a view and of the pages it leads to."""
    return {one.__name__ for one in (view, *getattr(view, "inside", ()))}


def _current_view() -> str:
    return (request.endpoint or "").partition(".")[0]


def _browser(agent: str) -> str:
    """Return browser and operating system in short; the whole user agent text if the browser is unknown."""
    browsers = ("MicroMessenger", "Edg", "OPR", "Firefox", "Chrome", "Safari")
    systems = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")
    browser = next((name for name in browsers if f"{name}/" in agent), "")
    if not browser:
        return agent
    words = {"MicroMessenger": gettext("WeChat"), "Edg": "Edge", "OPR": "Opera"}
    system = next((name for name in systems if name in agent), "")
    version = agent.partition(f"{browser}/")[2].partition(".")[0]
    return " · ".join(part for part in (f"{words.get(browser, browser)} {version}", system) if part)


def _day(value: Any) -> str:
    if value is None:
        return "—"
    return f"{(clock.local(value) if hasattr(value, 'hour') else value):%Y-%m-%d}"


def _clock_time(value: datetime) -> str:
    return f"{clock.local(value):%H:%M}"


def _moment(value: datetime | None) -> str:
    return "—" if value is None else clock.text(value)
