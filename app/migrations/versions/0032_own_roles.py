"""own roles, and sessions that look at the program as somebody else"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None

ROLES = ('applicant', 'unit', 'superior', 'office', 'judge', 'supervisor', 'hrss', 'sysadmin', 'secadmin', 'auditor')


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.create_table(
        'own_role',
        sa.Column('code', sa.String(length=28), nullable=False),
        sa.Column('base', sa.Enum(*ROLES, name='base_role', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('name', sa.String(length=30), nullable=False),
        sa.Column('name_en', sa.String(length=60), nullable=False),
        sa.Column('remark', sa.String(length=200), nullable=False),
        sa.Column('is_active', sa.Boolean(), nullable=False),
        sa.Column('version', sa.Integer(), server_default='1', nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_own_role')),
        sa.UniqueConstraint('code', name=op.f('uq_own_role_code')),
    )
    with op.batch_alter_table('position') as table:
        table.add_column(sa.Column('own_role_id', sa.Integer(), nullable=True))
        table.create_foreign_key(op.f('fk_position_own_role_id'), 'own_role', ['own_role_id'], ['id'])
        table.create_index(op.f('ix_position_own_role_id'), ['own_role_id'])
    with op.batch_alter_table('login_session') as table:
        table.add_column(sa.Column('viewed_as', sa.String(length=40), server_default='', nullable=False))
        table.add_column(sa.Column('viewed_until', sa.DateTime(), nullable=True))
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    with op.batch_alter_table('login_session') as table:
        table.drop_column('viewed_until')
        table.drop_column('viewed_as')
    with op.batch_alter_table('position') as table:
        table.drop_index(op.f('ix_position_own_role_id'))
        table.drop_constraint(op.f('fk_position_own_role_id'), type_='foreignkey')
        table.drop_column('own_role_id')
    op.drop_table('own_role')
    op.execute(sa.text("DELETE FROM ab_permission_view_role WHERE role_id IN (SELECT id FROM ab_role WHERE name LIKE 'own:%')"))
    op.execute(sa.text("DELETE FROM ab_role WHERE name LIKE 'own:%'"))
    guards.put_up(op.get_bind())
