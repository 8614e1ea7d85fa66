"""What forms of several pages send."""

from typing import Any

from app.models import Application
from tests import factories


def notice(*chosen: Application, **typed: Any) -> dict[str, Any]:
    return {
        "title": "2026年职称申报公示",
        "application_ids": [str(one.id) for one in chosen],
        "place": "办公楼公告栏",
        "contact": "王芳",
        "phone": "0731-12345678",
        "starts_on": factories.today().isoformat(),
    } | typed
