"""Quorum and two-thirds majority of a meeting, in whole numbers (Order 40, art. 20 and 21)."""


def quorum_needed(members: int) -> int:
    """Return the smallest number present with which a meeting of `members` may vote (art. 20)."""
    return -(-2 * members // 3)


def has_quorum(present: int, members: int) -> bool:
    """Return whether at least two thirds of `members` are present (art. 20)."""
    return 3 * present >= 2 * members


def votes_needed(present: int) -> int:
    """Return the fewest yes votes of `present` judges with which a candidate passes (art. 21)."""
    return -(-2 * present // 3)
