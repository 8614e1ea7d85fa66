"""The acting person in one position, as engine, scopes and log see it. Imports nothing of ours but enums."""

from dataclasses import dataclass

from app.enums import Role


def prefix_of(region_code: str) -> str:
    """Return a region code without its trailing zero pairs: 430000 → 43, 430700 → 4307."""
    code = region_code
    while code.endswith("00"):
        code = code[:-2]
    return code


@dataclass(frozen=True)
class Actor:
    """A signed-in person in the position chosen in the top bar, or the program itself (`is_system`)."""

    role: Role
    user_id: int | None = None
    name: str = ""
    person_id: int | None = None
    position_id: int | None = None
    unit_id: int | None = None
    unit_name: str = ""
    region_code: str = ""
    committee_ids: tuple[int, ...] = ()
    is_head: bool = False
    """Whether the position is that of the person responsible (负责人), who confirms what handlers propose."""
    own_role: str = ""
    """Scope of the own role (`models/own_role.py`) that narrows what the role may open and press; "" for none."""
    own_role_name: str = ""
    """Its Chinese name, as log rows keep it."""
    is_onlooker: bool = False
    """Whether somebody only looks at what this role may open and press; no rows of anybody, no acts."""
    is_system: bool = False

    @property
    def region_prefix(self) -> str:
        return prefix_of(self.region_code)


SYSTEM = Actor(role=Role.SYSADMIN, name="system", is_system=True)
"""The actor of scheduled jobs; may fire only events whose row says `by_clock`."""
