"""only the single sign-on proves an identity; the second factor of demonstrations is a default"""

from alembic import op

from app.migrations import guards

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    guards.take_down(op.get_bind())
    op.execute(
        'UPDATE ab_user SET identity_proved_at = NULL '
        'WHERE id NOT IN (SELECT user_id FROM external_identity)'
    )
    op.execute(
        "DELETE FROM setting WHERE key LIKE 'second_factor_%' "
        'AND EXISTS (SELECT 1 FROM ab_user WHERE is_demo)'
    )
    guards.put_up(op.get_bind())


def downgrade() -> None:
    """Nothing to undo: the schema stays the same."""
