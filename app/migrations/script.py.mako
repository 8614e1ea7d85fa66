"""${message}"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    guards.take_down(op.get_bind())
    ${upgrades if upgrades else "pass"}
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    ${downgrades if downgrades else "pass"}
