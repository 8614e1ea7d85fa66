"""Row-level access: each function maps an actor to an SQL condition for the rows it may see.

Lists, details, acts, files, exports and the API use these conditions. A position without the unit, committee
or person that a relation needs sees nothing. One file per subject; import everything from this package.
"""

from app.scopes.accounts import persons_of_own_unit
from app.scopes.applications import (
    UNSEEN,
    held_by_my_node,
    held_by_my_unit,
    of_my_committees,
    of_my_region,
    of_my_subtree,
    of_own_unit,
    own_person,
    stopped_by_closed_units,
)
from app.scopes.certificates import (
    certificates_of_my_committees,
    certificates_of_my_region,
    certificates_of_my_subtree,
    certificates_of_own_person,
    certificates_of_own_unit,
    filings_of_my_committees,
    filings_of_my_region,
    integrity_of_my_committees,
    integrity_of_my_region,
    integrity_of_own_person,
)
from app.scopes.draw import (
    draws_of_my_committees,
    own_recusals,
    own_seats,
    plans_of_my_seats,
    recusals_of_my_committees,
    recusals_of_own_person,
    recused_from,
    seats_of_my_committees,
)
from app.scopes.experts import (
    experts_of_my_committees,
    experts_of_my_region,
    experts_of_own_person,
    experts_of_own_unit,
    relations_of_own_person,
)
from app.scopes.interviews import interviews_of_my_committees, interviews_of_own_person
from app.scopes.judging import (
    assigned_to_me,
    opinions_of_my_committees,
    opinions_of_my_seats,
    own_assessments,
    seat_of_mine,
)
from app.scopes.meeting import plans_of_my_committees, plans_of_my_region
from app.scopes.quotas import quotas_of_my_region, quotas_of_my_subtree, quotas_of_own_unit
from app.scopes.registers import batches_of_my_committees, batches_of_my_region, batches_opened
from app.scopes.relations import SITTING, Condition, Scope
from app.scopes.results import results_of_my_committees, results_of_my_region
from app.scopes.review import (
    notices_of_my_committees,
    notices_of_my_region,
    notices_of_my_subtree,
    notices_of_own_person,
    notices_of_own_unit,
    objections_in_hand,
    objections_of_my_committees,
    objections_of_my_region,
    objections_of_own_unit,
    objections_of_units_below,
    route_nodes_of_my_committees,
    route_nodes_of_own_unit,
)
from app.scopes.visible import VISIBLE, applications, for_role, nothing, visible
from app.scopes.voting import in_my_rounds, own_ballots, rounds_of_my_committees, rounds_of_my_seats

__all__ = [
    "SITTING",
    "UNSEEN",
    "VISIBLE",
    "Condition",
    "Scope",
    "applications",
    "assigned_to_me",
    "batches_of_my_committees",
    "batches_of_my_region",
    "batches_opened",
    "certificates_of_my_committees",
    "certificates_of_my_region",
    "certificates_of_my_subtree",
    "certificates_of_own_person",
    "certificates_of_own_unit",
    "draws_of_my_committees",
    "experts_of_my_committees",
    "experts_of_my_region",
    "experts_of_own_person",
    "experts_of_own_unit",
    "filings_of_my_committees",
    "filings_of_my_region",
    "for_role",
    "held_by_my_node",
    "held_by_my_unit",
    "in_my_rounds",
    "integrity_of_my_committees",
    "integrity_of_my_region",
    "integrity_of_own_person",
    "interviews_of_my_committees",
    "interviews_of_own_person",
    "nothing",
    "notices_of_my_committees",
    "notices_of_my_region",
    "notices_of_my_subtree",
    "notices_of_own_person",
    "notices_of_own_unit",
    "objections_in_hand",
    "objections_of_my_committees",
    "objections_of_my_region",
    "objections_of_own_unit",
    "objections_of_units_below",
    "of_my_committees",
    "of_my_region",
    "of_my_subtree",
    "of_own_unit",
    "opinions_of_my_committees",
    "opinions_of_my_seats",
    "own_assessments",
    "own_ballots",
    "own_person",
    "own_recusals",
    "own_seats",
    "persons_of_own_unit",
    "plans_of_my_committees",
    "plans_of_my_region",
    "plans_of_my_seats",
    "quotas_of_my_region",
    "quotas_of_my_subtree",
    "quotas_of_own_unit",
    "recusals_of_my_committees",
    "recusals_of_own_person",
    "recused_from",
    "relations_of_own_person",
    "results_of_my_committees",
    "results_of_my_region",
    "rounds_of_my_committees",
    "rounds_of_my_seats",
    "route_nodes_of_my_committees",
    "route_nodes_of_own_unit",
    "seat_of_mine",
    "seats_of_my_committees",
    "stopped_by_closed_units",
    "visible",
]
