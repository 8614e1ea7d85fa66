"""saved views of lists, results of bulk acts"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

ROLES = ('applicant', 'unit', 'superior', 'office', 'judge', 'supervisor', 'hrss', 'sysadmin', 'secadmin', 'auditor')
MADE = ('saved_view', 'list_default', 'bulk_act', 'bulk_skip')


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.create_table(
        'saved_view',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('menu', sa.String(length=64), nullable=False),
        sa.Column('name', sa.String(length=40), nullable=False),
        sa.Column('query', sa.JSON(), nullable=False),
        sa.Column('columns', sa.JSON(), nullable=False),
        sa.Column('labels', sa.JSON(), nullable=False),
        sa.Column('shared_role', sa.Enum(*ROLES, name='saved_view_role', native_enum=False, length=32, create_constraint=True), nullable=True),
        sa.Column('shared_unit_id', sa.Integer(), nullable=True),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.CheckConstraint('shared_role IS NULL OR shared_unit_id IS NULL', name=op.f('ck_saved_view_shared_once')),
        sa.ForeignKeyConstraint(['shared_unit_id'], ['unit.id'], name=op.f('fk_saved_view_shared_unit_id')),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name=op.f('fk_saved_view_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_view')),
        sa.UniqueConstraint('user_id', 'menu', 'name', name='uq_saved_view_name'),
    )
    op.create_index('ix_saved_view_menu', 'saved_view', ['menu', 'shared_role', 'shared_unit_id'])
    op.create_table(
        'list_default',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('menu', sa.String(length=64), nullable=False),
        sa.Column('view_id', sa.Integer(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name=op.f('fk_list_default_user_id')),
        sa.ForeignKeyConstraint(['view_id'], ['saved_view.id'], name=op.f('fk_list_default_view_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_list_default')),
        sa.UniqueConstraint('user_id', 'menu', name='uq_list_default_once'),
    )
    op.create_index(op.f('ix_list_default_view_id'), 'list_default', ['view_id'])
    op.create_table(
        'bulk_act',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('menu', sa.String(length=64), nullable=False),
        sa.Column('label', sa.String(length=200), nullable=False),
        sa.Column('at', sa.DateTime(), nullable=False),
        sa.Column('meant', sa.Integer(), nullable=False),
        sa.Column('done', sa.Integer(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name=op.f('fk_bulk_act_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_bulk_act')),
    )
    op.create_index('ix_bulk_act_user', 'bulk_act', ['user_id', 'id'])
    op.create_index(op.f('ix_bulk_act_at'), 'bulk_act', ['at'])
    op.create_table(
        'bulk_skip',
        sa.Column('bulk_id', sa.Integer(), nullable=False),
        sa.Column('subject_id', sa.Integer(), nullable=False),
        sa.Column('label', sa.String(length=200), nullable=False),
        sa.Column('reason', sa.String(length=500), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['bulk_id'], ['bulk_act.id'], name=op.f('fk_bulk_skip_bulk_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_bulk_skip')),
    )
    op.create_index(op.f('ix_bulk_skip_bulk_id'), 'bulk_skip', ['bulk_id'])
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    for table in reversed(MADE):
        op.drop_table(table)
    guards.put_up(op.get_bind())
