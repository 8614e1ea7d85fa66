"""devices that have signed in before, proofs of identity"""

import sqlalchemy as sa
from alembic import op

from app.migrations import guards

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.add_column('login_failure', sa.Column('device', sa.String(64), server_default='', nullable=False))
    op.create_table(
        'known_device',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(length=64), nullable=False),
        sa.Column('seen_at', sa.DateTime(), nullable=False),
        sa.Column('id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['ab_user.id'], name=op.f('fk_known_device_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_known_device')),
        sa.UniqueConstraint('digest', name=op.f('uq_known_device_digest')),
    )
    op.create_index('ix_known_device_user_id', 'known_device', ['user_id'])
    op.add_column('ab_user', sa.Column('identity_proved_at', sa.DateTime(), nullable=True))
    op.execute(
        'UPDATE ab_user SET identity_proved_at = (SELECT min(linked_at) FROM external_identity '
        'WHERE external_identity.user_id = ab_user.id) '
        'WHERE id IN (SELECT user_id FROM person WHERE user_id IS NOT NULL)'
    )
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    op.drop_column('ab_user', 'identity_proved_at')
    op.drop_table('known_device')
    op.drop_column('login_failure', 'device')
    guards.put_up(op.get_bind())
