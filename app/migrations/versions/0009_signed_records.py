"""signed records of draws, rounds and results; keyed digests of rounds, ballots and holders of keys"""

import json
from datetime import UTC
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.ground import crypto, signing
from app.migrations import guards
from app.services.draw import draw_rules

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

DIGESTED = ('round', 'sealed_ballot', 'key_holder')
SIGNED = (('round', 'signed_record'), ('draw', 'signed_record'), ('plan', 'signed_result'))


def upgrade() -> None:
    guards.take_down(op.get_bind())
    for table in DIGESTED:
        op.add_column(table, sa.Column('row_digest', sa.String(64), server_default='', nullable=False))
    for table, column in SIGNED:
        op.add_column(table, sa.Column(column, sa.Text(), nullable=True))
    _digest_holders()
    _digest_unfinished_rounds()
    _sign_draws()
    _sign_counted_rounds()
    _sign_results()
    guards.put_up(op.get_bind())


def downgrade() -> None:
    guards.take_down(op.get_bind())
    for table, column in SIGNED:
        op.drop_column(table, column)
    for table in DIGESTED:
        op.drop_column(table, 'row_digest')
    guards.put_up(op.get_bind())


def _rows(query: str, **values: Any) -> list[Any]:
    return list(op.get_bind().execute(sa.text(query), values))


def _store(table: str, key: int, kind: str, facts: list[Any]) -> None:
    text = json.dumps(facts, separators=(',', ':'), ensure_ascii=False)
    op.get_bind().execute(
        sa.text(f'UPDATE {table} SET row_digest = :digest WHERE id = :id'),  # noqa: S608 - names of this file
        {'digest': crypto.keyed_digest(kind, text), 'id': key},
    )


def _digest_holders() -> None:
    for key, *facts in _rows('SELECT id, plan_id, role, user_id, alg, public_key FROM key_holder'):
        _store('key_holder', key, 'key_holder', facts)


def _digest_unfinished_rounds() -> None:
    """Take rounds that are under way as they stand, so that they can be counted."""
    query = (
        'SELECT id, plan_id, number, alg, frozen, frozen_hash, public_key FROM round '
        "WHERE NOT is_on_paper AND state IN ('ready', 'open', 'closed')"
    )
    for key, *facts in _rows(query):
        roll = _rows(
            'SELECT seat.id, seat.user_id FROM round_voter JOIN seat ON seat.id = round_voter.seat_id '
            'WHERE round_voter.round_id = :id ORDER BY seat.id', id=key,
        )  # fmt: skip
        candidates = _rows(
            'SELECT position, application_id, eligible FROM round_candidate WHERE round_id = :id ORDER BY position',
            id=key,
        )
        holders = _rows(
            'SELECT role, user_id, public_key FROM key_holder WHERE plan_id = :plan ORDER BY role', plan=facts[0]
        )
        listed = [[list(one) for one in rows] for rows in (roll, candidates, holders)]
        _store('round', key, 'round', [key, *facts, *listed])
        for ballot, *cast in _rows(
            'SELECT id, round_id, seat_id, alg, digest, tracker, sealed FROM sealed_ballot WHERE round_id = :id',
            id=key,
        ):
            _store('sealed_ballot', ballot, 'sealed_ballot', cast)


def _facts(query: str, moments: tuple[str, ...] = (), **values: Any) -> list[dict[str, Any]]:
    """Return rows as facts of a record, moments as they are written there."""
    typed = sa.text(query).columns(**{name: sa.DateTime() for name in moments})
    found = [dict(row._mapping) for row in op.get_bind().execute(typed, values)]
    for row in found:
        for name in moments:
            row[name] = row[name].replace(tzinfo=UTC).isoformat() if row[name] else None
    return found


def _keep(table: str, column: str, key: int, facts: dict[str, Any]) -> str:
    """Sign facts as they stand at this upgrade, which the record says."""
    kept = signing.stored(facts | {'taken_over': revision})
    op.get_bind().execute(
        sa.text(f'UPDATE {table} SET {column} = :kept WHERE id = :id'),  # noqa: S608 - names of this file
        {'kept': kept, 'id': key},
    )
    return signing.digest(kept)


def _sign_draws() -> None:
    query = (
        'SELECT id, alg, plan_id AS plan, attempt, pool, pool_hash, salt, office_digest, office_secret, '
        'supervisor_digest, supervisor_secret, public_source, public_value, seed, drawn_at FROM draw '
        'WHERE seed IS NOT NULL'
    )
    for facts in _facts(query, ('drawn_at',)):
        key, salt = facts.pop('id'), facts.pop('salt')
        for side in ('office', 'supervisor'):
            facts[side] = {'commitment': facts.pop(f'{side}_digest'), 'secret': facts.pop(f'{side}_secret')}
        drawn = draw_rules.draw_seats(draw_rules.read_pool(facts['pool']), facts['seed'])
        seats = _rows('SELECT place, expert_id, group_name FROM seat WHERE draw_id = :id ORDER BY place', id=key)
        facts['seats'] = [
            {
                'place': place,
                'token': draw_rules.token(salt, expert or 0),
                'group': group,
                'kind': drawn[place - 1].kind if place <= len(drawn) else draw_rules.LATER,
            }
            for place, expert, group in seats
        ]
        _keep('draw', 'signed_record', key, facts)


def _sign_counted_rounds() -> None:
    query = (
        'SELECT plan_id AS plan, number, id AS round_id, alg AS sealed_with, frozen, frozen_hash, public_key, '
        'frozen_at, opened_at, closed_at, counted_at, "cast", invalid FROM round '
        "WHERE state = 'counted' AND NOT is_on_paper"
    )
    for facts in _facts(query, ('frozen_at', 'opened_at', 'closed_at', 'counted_at')):
        key = facts['round_id']
        facts |= {'alg': 'zc-ballots-v2', 'receipt_alg': crypto.SIGNATURE_ALG}
        facts['receipts'] = _facts(
            'SELECT tracker, digest FROM sealed_ballot WHERE round_id = :id ORDER BY tracker', id=key
        )
        for one in facts['receipts']:
            parts = ('zc-receipt-v1', crypto.SIGNATURE_ALG, str(key), facts['frozen_hash'])
            one['signature'] = crypto.sign('\0'.join((*parts, one['tracker'], one['digest'])))
        facts['candidates'] = _facts(
            'SELECT position, eligible, opened, yes, no, abstain FROM round_candidate WHERE round_id = :id '
            'ORDER BY position', id=key,
        )  # fmt: skip
        _keep('round', 'signed_record', key, facts)


def _sign_results() -> None:
    """Sign the computed results of online meetings, those that are not confirmed yet too."""
    for (plan,) in _rows("SELECT id FROM plan WHERE mode = 'online' AND state IN ('entered', 'concluded')"):
        rounds = _rows(
            "SELECT number, signed_record FROM round WHERE plan_id = :id AND state = 'counted' ORDER BY number", id=plan
        )
        facts = {
            'alg': 'zc-result-v1',
            'plan': plan,
            'rounds': [{'number': number, 'record': signing.digest(kept)} for number, kept in rounds],
            'results': _facts(
                'SELECT application.number AS candidate, round.number AS round, result.yes, result.no, result.abstain, '
                'result.counted_of AS "of", result.is_passed AS passed FROM result '
                'JOIN application ON application.id = result.application_id '
                'LEFT JOIN round ON round.id = result.round_id WHERE result.plan_id = :id '
                'ORDER BY application.level, application.specialty_code, application.number', id=plan,
            ),
        }
        for one in facts['results']:
            one['passed'] = bool(one['passed'])
        _keep('plan', 'signed_result', plan, facts)
