"""rules: posts used never below none, changes of employment, barred people, conditions by kind of unit"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


QUOTA = sa.table('quota', sa.column('granted', sa.Integer), sa.column('used', sa.Integer))
RULE = sa.table(
    'eligibility_rule', sa.column('id', sa.Integer), sa.column('code', sa.String), sa.column('condition', sa.JSON)
)
CONDITIONS: dict[str, tuple[Any, Any]] = {
    'age_public': ({'employment': ['public_post']}, {'unit_kind': ['authority', 'public']}),
    'age_state_firm': (
        {'employment': ['enterprise'], 'unit_kind': ['state_firm']},
        {'unit_kind': ['state_firm']},
    ),
    'age_non_public': (
        {'employment': ['enterprise', 'freelance'], 'unit_kind': ['private_firm', 'social', 'agency']},
        {'unit_kind': ['private_firm', 'social', 'agency']},
    ),
}
"""Code of a shipped rule → its condition before and after; one that was changed by hand stays."""
EMPLOYMENTS = ('public_post', 'enterprise', 'freelance', 'civil_servant', 'retired')


def upgrade() -> None:
    guards.take_down(op.get_bind())
    for column in (QUOTA.c.used, QUOTA.c.granted):
        op.execute(sa.update(QUOTA).where(column < 0).values({column: 0}))
    with op.batch_alter_table('quota', schema=None) as batch_op:
        batch_op.create_check_constraint(op.f('ck_quota_counts_not_negative'), 'granted >= 0 AND used >= 0')
    op.create_index(
        'ix_person_banned_until', 'person', ['banned_until'],
        sqlite_where=sa.text('banned_until IS NOT NULL'), postgresql_where=sa.text('banned_until IS NOT NULL'),
    )
    _create_employment_change()
    _change_conditions(0, 1)
    guards.put_up(op.get_bind())


def _create_employment_change() -> None:
    op.create_table('employment_change',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('before', sa.Enum(*EMPLOYMENTS, name='employment_before', native_enum=False, length=32, create_constraint=True), nullable=False),
    sa.Column('employment', sa.Enum(*EMPLOYMENTS, name='employment_asked', native_enum=False, length=32, create_constraint=True), nullable=False),
    sa.Column('asked_at', sa.DateTime(), nullable=False),
    sa.Column('leaves_unit', sa.Boolean(), nullable=False),
    sa.Column('state', sa.Enum('asked', 'confirmed', 'refused', 'withdrawn', name='employmentchangestate', native_enum=False, length=32, create_constraint=True), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_employment_change_person_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_employment_change_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_employment_change'))
    )
    with op.batch_alter_table('employment_change', schema=None) as batch_op:
        batch_op.create_index('ix_employment_change_person', ['person_id', 'id'], unique=False)
        batch_op.create_index('ix_employment_change_unit', ['unit_id', 'state', 'id'], unique=False)
        batch_op.create_index(
            'uq_employment_change_open', ['person_id'], unique=True,
            sqlite_where=sa.text("state = 'asked'"), postgresql_where=sa.text("state = 'asked'"),
        )


def _change_conditions(old: int, new: int) -> None:
    bind = op.get_bind()
    rows = bind.execute(sa.select(RULE).where(RULE.c.code.in_(CONDITIONS))).all()
    for row in rows:
        known = CONDITIONS[row.code]
        if row.condition == known[old]:
            bind.execute(sa.update(RULE).where(RULE.c.id == row.id).values(condition=known[new]))


def downgrade() -> None:
    guards.take_down(op.get_bind())
    _change_conditions(1, 0)
    op.drop_table('employment_change')
    op.drop_index('ix_person_banned_until', 'person')
    with op.batch_alter_table('quota', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_quota_counts_not_negative'), type_='check')
    guards.put_up(op.get_bind())
