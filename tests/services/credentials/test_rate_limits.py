"""The public may ask only so often."""

from datetime import timedelta
from typing import Any

from app import settings
from app.extensions import db
from app.ground import clock
from app.models import PublicQuery
from app.services.credentials import rate_limits


def test_address_may_ask_so_often_in_a_minute(app: Any) -> None:
    settings.store_value("public_query_per_minute", "3")
    session, at = db.session(), clock.now().replace(second=0)

    asked = [rate_limits.is_over_query_limit(session, "1.2.3.4", at) for _turn in range(5)]

    assert asked == [False, False, False, True, True]
    assert not rate_limits.is_over_query_limit(session, "1.2.3.5", at)
    assert not rate_limits.is_over_query_limit(session, "1.2.3.4", at + timedelta(minutes=1))


def test_old_counts_are_removed(app: Any) -> None:
    session, at = db.session(), clock.now()
    rate_limits.is_over_query_limit(session, "1.2.3.4", at - timedelta(hours=2))

    rate_limits.is_over_query_limit(session, "x" * 100, at)

    assert [row.address for row in session.query(PublicQuery)] == ["query " + "x" * 58]
