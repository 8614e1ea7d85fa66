"""Regional responsibility of authorities."""

from app.ground.actor import Actor


def covers(actor: Actor, region_code: str) -> bool:
    """Return whether `region_code` lies in the actor's region; a position without a region covers none."""
    return bool(actor.region_code) and region_code.startswith(actor.region_prefix)


def contains(outer: str, inner: str) -> bool:
    """Return whether the region `inner` is the region `outer` or lies in it: 430000 contains 430702."""
    while outer.endswith("00"):
        outer = outer[:-2]
    return inner.startswith(outer)
