"""canned phrases"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

ROLES = ('applicant', 'unit', 'superior', 'office', 'judge', 'supervisor', 'hrss', 'sysadmin', 'secadmin', 'auditor')


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.create_table(
        'phrase',
        sa.Column('role', sa.Enum(*ROLES, name='phrase_role', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=True),
        sa.Column('text', sa.String(length=300), nullable=False),
        sa.Column('order', sa.Integer(), nullable=False),
        sa.Column('is_active', sa.Boolean(), nullable=False),
        sa.Column('version', sa.Integer(), server_default='1', nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name=op.f('fk_phrase_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_phrase')),
    )
    op.create_index('ix_phrase_role_user_id', 'phrase', ['role', 'user_id'])
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.drop_index('ix_phrase_role_user_id', table_name='phrase')
    op.drop_table('phrase')
    guards.put_up(op.get_bind())
