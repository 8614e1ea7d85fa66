"""review: sizes, special quotas, opinions, objections, integrity file"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

ROLES = (
    'applicant', 'unit', 'superior', 'office', 'judge', 'supervisor', 'hrss', 'sysadmin', 'secadmin', 'auditor',
)


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.add_column('committee', sa.Column('size_approval_number', sa.String(64), server_default='', nullable=False))
    op.add_column('plan', sa.Column('opinions_signed', sa.Boolean(), server_default=sa.false(), nullable=False))
    # as column constraints, because a copy of the table would lose its CHECK constraints on SQLite
    op.execute(
        'ALTER TABLE batch ADD COLUMN special_quota_end DATE '
        'CONSTRAINT ck_batch_special_quota_order CHECK (special_quota_end <= unit_end)'
    )
    roles = ', '.join(f"'{role}'" for role in ROLES)
    op.execute(
        "ALTER TABLE objection ADD COLUMN handler_role VARCHAR(32) DEFAULT 'unit' NOT NULL "
        f'CONSTRAINT ck_objection_objection_handler CHECK (handler_role IN ({roles}))'
    )
    op.add_column(
        'objection', sa.Column('is_about_staff', sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.execute(
        'ALTER TABLE objection ADD COLUMN recorded_unit_id INTEGER '
        'CONSTRAINT fk_objection_recorded_unit_id REFERENCES unit (id)'
    )
    op.create_index('ix_objection_recorded_unit_id', 'objection', ['recorded_unit_id'])
    _name_handlers()
    op.create_table(
        'integrity_record',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('application_id', sa.Integer(), nullable=False),
        sa.Column(
            'ground',
            sa.Enum('revoked', 'cancelled', name='integrityground', native_enum=False, length=32, create_constraint=True),
            nullable=False,
        ),
        sa.Column('reason', sa.String(500), nullable=False),
        sa.Column('decision_number', sa.String(64), nullable=False),
        sa.Column('from_on', sa.Date(), nullable=False),
        sa.Column('until_on', sa.Date(), nullable=False),
        sa.Column('recorded_at', sa.DateTime(), nullable=False),
        sa.Column('recorded_by', sa.Integer(), nullable=True),
        sa.CheckConstraint('until_on > from_on', name=op.f('ck_integrity_record_lasts')),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name='fk_integrity_record_person_id'),
        sa.ForeignKeyConstraint(
            ['application_id'], ['application.id'], name='fk_integrity_record_application_id'
        ),
        sa.ForeignKeyConstraint(['recorded_by'], ['ab_user.id'], name='fk_integrity_record_recorded_by'),
        sa.PrimaryKeyConstraint('id', name='pk_integrity_record'),
    )
    op.create_index('ix_integrity_record_person_id', 'integrity_record', ['person_id'])
    op.create_index('ix_integrity_record_application_id', 'integrity_record', ['application_id'])
    guards.put_up(op.get_bind())


def _name_handlers() -> None:
    """Name the body that has each objection registered before, and who registered it."""
    op.execute(
        "UPDATE objection SET recorded_unit_id = (SELECT unit_id FROM notice WHERE notice.id = objection.notice_id), "
        "handler_role = (SELECT CASE WHEN notice.kind = 'result' THEN 'office' "
        "WHEN notice.unit_id = objection.unit_id THEN 'unit' ELSE 'superior' END "
        "FROM notice WHERE notice.id = objection.notice_id)"
    )
    op.execute("UPDATE objection SET is_about_staff = (handler_role = 'superior')")


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.drop_table('integrity_record')
    op.drop_index('ix_objection_recorded_unit_id', 'objection')
    for column in ('recorded_unit_id', 'is_about_staff', 'handler_role'):
        op.drop_column('objection', column)
    op.drop_column('plan', 'opinions_signed')
    op.drop_column('batch', 'special_quota_end')
    op.drop_column('committee', 'size_approval_number')
    guards.put_up(op.get_bind())
