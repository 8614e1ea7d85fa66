"""The way back to a list as it was left: with its filter, order and page, named `back` in the addresses.

Links of a list carry it, pages behind them hand it on, and whatever leads back to the list follows it.
"""

import re
from urllib.parse import parse_qsl, urlsplit

from flask import g, has_request_context, request

LONGEST = 2000
"""Characters; a longer way back is left out, so that no address gets too long."""
MEETING_PAGE = re.compile(r"/g/meeting/[0-9]{1,9}/?")
WITHOUT = frozenset({"list", "search", "export", "choose_export"})
"""Routes whose addresses carry no way back."""


def local_path(address: str) -> str:
    """Return `address` if it leads to a page of this site, otherwise an empty text."""
    # browsers drop tabs and line breaks, so "/<tab>/host" would lead to another host
    is_local = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return address if is_local and address.isprintable() else ""


def stands_as(address: str) -> None:
    """Note the address of the list of this request with everything that a saved view adds to it."""
    g.list_address = address


def way_back(list_path: str) -> str:
    """Return the address of the list at `list_path` as the person left it, an empty text if plain or unknown.

    On the list itself it is the present address if it has a filter, an order or a page, with what a saved view adds.
    """
    if not has_request_context():
        return ""
    if request.method == "GET" and request.path == list_path:
        present = request.full_path if request.query_string else ""
        address = g.get("list_address", present)
        return address if _is_short(address) else ""
    return next((one for one in _named() if urlsplit(one).path == list_path), "")


def meeting_page() -> str:
    """Return the address of the meeting's page from which a form or a list was opened, an empty text if none is named.

    What is done there leads back to the meeting.
    """
    if not has_request_context():
        return ""
    return next((one for one in _named() if MEETING_PAGE.fullmatch(one)), "")


def _named() -> list[str]:
    """Return the ways back that the request names, in its address, in its form, or in the page that sent it."""
    named = [request.args.get("back", ""), request.form.get("back", "")]
    named += [dict(parse_qsl(urlsplit(one).query)).get("back", "") for one in named]
    return [one for one in map(local_path, named) if one and _is_short(one)]


def _is_short(address: str) -> bool:
    return len(address) <= LONGEST


def meeting_of_list() -> dict[str, str]:
    """Return `plan`, the meeting whose rows the list shows (`?q.plan=`), for the forms opened from it."""
    asked = request.args.get("q.plan", "")
    return {"plan": asked} if asked.isascii() and asked.isdigit() else {}
