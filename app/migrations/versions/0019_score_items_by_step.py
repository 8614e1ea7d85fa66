"""score items belong to a step; an item of a meeting with both scored steps becomes one of each

Sheets keep their points and totals: items of one step keep names, highest scores and weights.
"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

SCORED = ('material_score', 'interview')
AT_ONCE = 500
PLAN = sa.table(
    'plan', sa.column('id', sa.Integer), sa.column('steps', sa.JSON), sa.column('score_items', sa.JSON)
)


def upgrade() -> None:
    rewrite(by_step)


def downgrade() -> None:
    rewrite(without_step)


def by_step(items, steps):
    """Return every item once for each scored step of the meeting, for the material if it has none."""
    used = [step for step in SCORED if step in (steps or ())] or SCORED[:1]
    return [{**item, 'step': step} for step in used for item in items]


def without_step(items, steps):
    """Return the items without their step, each name once."""
    kept = {}
    for item in items:
        kept.setdefault(item['name'], {key: item[key] for key in item if key != 'step'})
    return list(kept.values())


def rewrite(change) -> None:
    """Write the changed score items of all plans, a few hundred plans at a time."""
    bind, last = op.get_bind(), 0
    guards.take_down(bind)
    while True:
        rows = bind.execute(
            sa.select(PLAN).where(PLAN.c.id > last).order_by(PLAN.c.id).limit(AT_ONCE)
        ).all()
        for row in rows:
            if row.score_items:
                changed = change(row.score_items, row.steps)
                bind.execute(sa.update(PLAN).where(PLAN.c.id == row.id).values(score_items=changed))
        if not rows:
            break
        last = rows[-1].id
    guards.put_up(bind)
