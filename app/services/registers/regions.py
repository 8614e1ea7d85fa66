"""Regional responsibility of authorities."""

from app.ground.actor import Actor, prefix_of


def covers(actor: Actor, region_code: str) -> bool:
    """Return whether `region_code` lies in the actor's region; a position without a region covers none."""
    return lies_in(region_code, actor.region_code)


def lies_in(region_code: str, outer_code: str) -> bool:
    """Return whether one region is another or lies in it; nothing lies in a region without a code."""
    return bool(outer_code) and region_code.startswith(prefix_of(outer_code))
