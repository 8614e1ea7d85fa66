"""What ends something says so in its row: pages ask with this sentence before the act."""

from flask import Flask

from app.engine import Transition, Workflow

ENDINGS = {
    "ended", "cancelled", "revoked", "void", "removed", "refused", "left", "withdrawn",
}  # fmt: skip
"""Values of states in which a person or a record goes no further."""
ASKED_ELSEWHERE = {
    ("Application", "give_up"), ("EmploymentChange", "withdraw"),
    # consequences of acts on other records, which ask themselves
    ("Application", "objection_end"), ("Application", "result_objection_upheld"), ("Application", "revoke"),
}  # fmt: skip
"""Acts that are pressed on pages of their own, or follow from an act on another record."""


def endings() -> dict[tuple[str, str], Transition]:
    return {
        (model.__name__, row.event): row
        for model, flow in Workflow.registry.items()
        for row in flow.rows.values()
        if row.roles and {str(state.value) for state in row.targets} & ENDINGS
    }


def test_every_act_that_ends_something_says_what_it_ends(app: Flask) -> None:
    silent = {key for key, row in endings().items() if not row.consequence}

    assert silent == ASKED_ELSEWHERE


def test_rows_walked_are_those_of_the_field(app: Flask) -> None:
    named = {
        ("Application", "check_end"),
        ("Application", "superior_end"),
        ("Application", "office_refuse"),
    }
    named |= {("Certificate", "revoke"), ("Draw", "void"), ("Round", "void"), ("Expert", "remove")}

    assert named <= set(endings())
