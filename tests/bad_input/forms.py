"""What forms of several pages send."""

from collections.abc import Iterable
from typing import Any

from app.models import Application, Committee, Plan
from tests.support import factories


def notice(*chosen: Application, **typed: Any) -> dict[str, Any]:
    return {
        "title": "2026年职称申报公示",
        "application_ids": [str(one.id) for one in chosen],
        "place": "办公楼公告栏",
        "contact": "王芳",
        "phone": "0731-12345678",
        "starts_on": factories.today().isoformat(),
    } | typed


def slots(plan: Plan, **typed: Any) -> dict[str, Any]:
    """What the form sends that generates the interviews of a meeting."""
    return {
        "plan_id": plan.id, "rooms": "第一答辩室\n第二答辩室", "first": plan.opens_on.isoformat(), "begins": "09:00",
        "ends": "17:30", "lunch_from": "12:00", "lunch_to": "14:00", "minutes": "10", "pause": "0",
        "is_sure": "y",
    } | typed  # fmt: skip


def membership(committee: Committee, **typed: Any) -> dict[str, Any]:
    """What an expert sends who applies to a committee's pool."""
    return {
        "committee_id": committee.id, "title_code": "0501", "title_since": "2015-01-01",
        "employed_since": "2015-03-01", "specialty_code": "05001", "research": "数控机床",
    } | typed  # fmt: skip


def votes(cases: Iterable[Application]) -> dict[str, str]:
    """What the entry of a vote on paper sends about the candidates: twenty yes for everybody."""
    typed = {}
    for place, case in enumerate(cases):
        typed |= {
            f"votes-{place}-application_id": str(case.id),
            f"votes-{place}-yes": "20",
            f"votes-{place}-no": "2",
            f"votes-{place}-abstain": "0",
        }
    return typed
