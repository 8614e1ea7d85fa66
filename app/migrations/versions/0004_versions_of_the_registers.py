"""versions of the registers"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


TABLES = (
    'committee', 'dict_item', 'eligibility_rule', 'material_kind', 'message_template', 'person', 'region', 'series',
    'specialty', 'title', 'unit', 'work_day',
)


def upgrade() -> None:
    guards.take_down(op.get_bind())
    for table in TABLES:
        op.add_column(table, sa.Column('version', sa.Integer(), server_default='1', nullable=False))
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    for table in TABLES:
        # not by a copy of the table, which would lose its CHECK constraints on SQLite
        op.drop_column(table, 'version')
    guards.put_up(op.get_bind())
