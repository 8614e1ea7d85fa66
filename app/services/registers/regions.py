"""Regional responsibility of authorities."""

from app.ground.actor import Actor


def covers(actor: Actor, region_code: str) -> bool:
    """Return whether `region_code` lies in the actor's region; a position without a region covers none."""
    return bool(actor.region_code) and region_code.startswith(actor.region_prefix)
