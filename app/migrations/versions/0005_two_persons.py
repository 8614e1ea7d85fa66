"""handler and person responsible: duty of a position, proposed acts"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.create_table('proposal',
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('event', sa.String(length=32), nullable=False),
    sa.Column('opinion', sa.String(length=1000), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('seen', sa.Integer(), nullable=False),
    sa.Column('role', sa.Enum('applicant', 'unit', 'superior', 'office', 'judge', 'supervisor', 'hrss', 'sysadmin', 'secadmin', 'auditor', name='role', native_enum=False, length=32, create_constraint=True), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('proposed_by', sa.Integer(), nullable=False),
    sa.Column('proposer', sa.String(length=64), nullable=False),
    sa.Column('proposed_at', sa.DateTime(), nullable=False),
    sa.Column('answer', sa.String(length=1000), nullable=False),
    sa.Column('state', sa.Enum('pending', 'confirmed', 'sent_back', 'withdrawn', 'overtaken', name='proposalstate', native_enum=False, length=32, create_constraint=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_proposal_application_id')),
    sa.ForeignKeyConstraint(['proposed_by'], ['ab_user.id'], name=op.f('fk_proposal_proposed_by')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_proposal_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal'))
    )
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proposal_application_id'), ['application_id'], unique=False)
        batch_op.create_index('ix_proposal_unit', ['unit_id', 'role', 'state'], unique=False)
        batch_op.create_index('uq_proposal_pending', ['application_id'], unique=True, sqlite_where=sa.text("state = 'pending'"), postgresql_where=sa.text("state = 'pending'"))

    with op.batch_alter_table('position', schema=None) as batch_op:
        batch_op.add_column(sa.Column('duty', sa.Enum('handler', 'head', name='duty', native_enum=False, length=32, create_constraint=True), server_default='handler', nullable=False))

    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    with op.batch_alter_table('position', schema=None) as batch_op:
        batch_op.drop_column('duty')

    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.drop_index('uq_proposal_pending', sqlite_where=sa.text("state = 'pending'"), postgresql_where=sa.text("state = 'pending'"))
        batch_op.drop_index('ix_proposal_unit')
        batch_op.drop_index(batch_op.f('ix_proposal_application_id'))

    op.drop_table('proposal')
