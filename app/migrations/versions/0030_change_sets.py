"""sets of changes, overrides, and the stamp of what holds"""

import secrets

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0030'
down_revision = '0026'
branch_labels = None
depends_on = None

ROLES = ('applicant', 'unit', 'superior', 'office', 'judge', 'supervisor', 'hrss', 'sysadmin', 'secadmin', 'auditor')
STATES = ('draft', 'scheduled', 'published', 'undone', 'discarded')


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.create_table(
        'change_set',
        sa.Column('author_id', sa.Integer(), nullable=False),
        sa.Column('author', sa.String(length=64), nullable=False),
        sa.Column('author_role', sa.Enum(*ROLES, name='author_role', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('second_id', sa.Integer(), nullable=True),
        sa.Column('second', sa.String(length=64), nullable=False),
        sa.Column('note', sa.String(length=200), nullable=False),
        sa.Column('effective_from', sa.DateTime(), nullable=True),
        sa.Column('published_at', sa.DateTime(), nullable=True),
        sa.Column('undone_at', sa.DateTime(), nullable=True),
        sa.Column('undone_by', sa.String(length=64), nullable=False),
        sa.Column('state', sa.Enum(*STATES, name='changesetstate', native_enum=False, length=32, create_constraint=True), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('created_at', sa.DateTime(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['author_id'], ['ab_user.id'], name=op.f('fk_change_set_author_id')),
        sa.ForeignKeyConstraint(['second_id'], ['ab_user.id'], name=op.f('fk_change_set_second_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_change_set')),
    )
    op.create_index('uq_change_set_draft', 'change_set', ['author_id'], unique=True, sqlite_where=sa.text("state = 'draft'"), postgresql_where=sa.text("state = 'draft'"))
    op.create_index('ix_change_set_state', 'change_set', ['state', 'effective_from'])
    op.create_table(
        'override',
        sa.Column('set_id', sa.Integer(), nullable=False),
        sa.Column('area', sa.String(length=16), nullable=False),
        sa.Column('target', sa.String(length=100), nullable=False),
        sa.Column('key', sa.String(length=100), nullable=False),
        sa.Column('scope', sa.String(length=32), nullable=False),
        sa.Column('old', sa.JSON(), nullable=False),
        sa.Column('new', sa.JSON(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['set_id'], ['change_set.id'], name=op.f('fk_override_set_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_override')),
        sa.UniqueConstraint('set_id', 'area', 'target', 'key', 'scope', name='uq_override_once'),
    )
    op.create_index('ix_override_place', 'override', ['area', 'target', 'key', 'scope'])
    version = op.create_table(
        'customisation_version',
        sa.Column('stamp', sa.String(length=32), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.CheckConstraint('id = 1', name=op.f('ck_customisation_version_only_one')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_customisation_version')),
    )
    op.bulk_insert(version, [{'id': 1, 'stamp': secrets.token_hex(16)}])
    op.create_index('ix_position_role', 'position', ['role', 'is_active'])
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.drop_index('ix_position_role', 'position')
    for table in ('customisation_version', 'override', 'change_set'):
        op.drop_table(table)
    guards.put_up(op.get_bind())
