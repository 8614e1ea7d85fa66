"""GuideView repairs what the stock ModelView gets wrong; each repair is asked for here."""

import re

import pytest
from sqlalchemy import func, select

from app.enums import ApplicationState, QuotaState, Role
from app.extensions import appbuilder
from app.models import Application, Quota, TransitionLog
from app.views.base.base import GuideView
from app.views.base.row_order import NEVER
from tests.support import factories as make
from tests.support.counting import statements
from tests.support.pressing import LEADER
from tests.support.signing import signed_in


@pytest.fixture
def superior(session):
    return make.unit(name="常德市教育局")


@pytest.fixture
def desk(session, client, superior):
    """A superior unit's clerk, signed in, with five applications before it."""
    unit = make.unit(parent=superior)
    cases = [
        make.application(state=ApplicationState.AT_SUPERIOR, unit=unit, superiors=(superior,))
        for _ in range(5)
    ]
    clerk = make.position(Role.SUPERIOR, unit=superior)
    session.commit()
    return signed_in(client, clerk), cases


@pytest.fixture
def stranger(session, client):
    """The same role in another branch of the tree."""
    clerk = make.position(Role.SUPERIOR, unit=make.unit(name="湘西州教育局"))
    session.commit()
    return signed_in(client, clerk)


def logs(session):
    return session.scalar(select(func.count()).select_from(TransitionLog))


def press(client, case, **form):
    return client.post(
        "/g/1.1.3/act/audit", data={"row": f"{case.id}:{case.version}", **LEADER, **form}
    )


def test_list_shows_own_rows_only(desk, stranger):
    _client, cases = desk

    page = stranger.get("/g/1.1.3/").text

    assert all(case.number not in page for case in cases)


def test_row_of_another_branch_does_not_exist(session, desk, stranger):
    case = desk[1][0]

    answers = [
        stranger.get(f"/g/1.1.3/{case.id}").status_code,
        stranger.get(f"/g/1.1.3/act/audit?pk={case.id}").status_code,
        press(stranger, case, decision="superior_pass").status_code,
    ]

    session.refresh(case)
    assert answers == [404, 404, 404]
    assert case.state is ApplicationState.AT_SUPERIOR
    assert logs(session) == 0


def test_one_foreign_row_among_own_ones_moves_none(session, desk):
    client, cases = desk
    foreign = make.application(state=ApplicationState.AT_SUPERIOR, superiors=(make.unit(),))
    session.commit()

    rows = [f"{case.id}:{case.version}" for case in (*cases, foreign)]
    answer = client.post(
        "/g/1.1.3/act/audit", data={"row": rows, "decision": "superior_pass", **LEADER}
    )

    assert answer.status_code == 404
    assert {case.state for case in session.scalars(select(Application))} == {
        ApplicationState.AT_SUPERIOR
    }


@pytest.mark.parametrize("path", ["/g/1.1.3/act/audit", "/g/1.1.3/1", "/g/1.1.3/"])
def test_nobody_signed_in_is_led_to_the_sign_in_page(client, path):
    answer = client.get(path)

    assert answer.status_code == 302
    assert answer.location.startswith("/login/?next=/g/1.1.3/")


def test_act_of_nobody_signed_in_is_refused(client):
    assert client.post("/g/1.1.3/act/audit", data={"row": "1:0"}).status_code == 401


def test_menu_of_another_role_is_forbidden(desk):
    client, _cases = desk

    assert [client.get(f"/g/{number}/").status_code for number in ("1.1.2", "1.2.1", "1.4.2")] == [
        403
    ] * 3


def test_get_changes_nothing(session, desk):
    client, cases = desk

    answer = client.get(f"/g/1.1.3/act/audit?pk={cases[0].id}&decision=superior_pass")

    session.refresh(cases[0])
    assert answer.status_code == 200
    assert cases[0].state is ApplicationState.AT_SUPERIOR


@pytest.mark.parametrize(
    "path",
    ["/g/1.1.3/action/audit/1", "/g/1.1.3/action_post", "/g/1.1.3/delete/1", "/g/1.1.3/download/x"],
)
def test_stock_routes_do_not_exist(desk, path):
    client, _cases = desk

    assert {client.get(path).status_code, client.post(path).status_code} <= {404, 405}


def test_post_without_token_is_refused(app, session, desk):
    client, cases = desk
    app.config["WTF_CSRF_ENABLED"] = True

    answer = press(client, cases[0], decision="superior_pass")

    session.refresh(cases[0])
    assert answer.status_code == 400
    assert cases[0].state is ApplicationState.AT_SUPERIOR


def test_unknown_button_is_not_found(desk):
    client, cases = desk

    assert client.get(f"/g/1.1.3/act/fly?pk={cases[0].id}").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["page=abc", "page=0", "page=-3", "page=99999999999999999999", "size=abc", "size=0", "sort=id_number",
     "sort=nothing", "dir=sideways", "q.person_id=1", "q.password=x", "q.state=flying", "q.held_since.from=yesterday"],
)  # fmt: skip
def test_bad_list_arguments_are_bad_requests(desk, query):
    client, _cases = desk

    assert client.get(f"/g/1.1.3/?{query}").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "_flt_0_person=1",
        "page_SuperiorReviewView=abc",
        "psize_SuperiorReviewView=99999999",
        "_oc_SuperiorReviewView=x",
    ],
)
def test_stock_list_arguments_mean_nothing(desk, query):
    client, cases = desk

    answer = client.get(f"/g/1.1.3/?{query}")

    assert answer.status_code == 200
    assert all(case.number in answer.text for case in cases)


@pytest.mark.parametrize("rows", ["x", "1", "1:x", "99999999999999999999:0", "-1:0", ""])
def test_malformed_rows_never_break(session, desk, rows):
    client, _cases = desk

    answer = client.post(
        "/g/1.1.3/act/audit", data={"row": rows, "decision": "superior_pass", **LEADER}
    )

    assert answer.status_code in (302, 400, 404)
    assert logs(session) == 0


def test_page_size_is_capped(desk):
    client, _cases = desk

    assert client.get("/g/1.1.3/?size=99999999").status_code == 200


def test_refused_form_keeps_what_was_typed(session, desk):
    client, cases = desk

    answer = press(client, cases[0], decision="refuse", way="superior_return", opinion="无")

    session.refresh(cases[0])
    assert answer.status_code == 422
    assert "无</textarea>" in answer.text.replace("\n", "").replace("\r", "")
    assert cases[0].state is ApplicationState.AT_SUPERIOR


def test_press_moves_the_row_and_gives_a_receipt(session, desk):
    client, cases = desk

    answer = press(client, cases[0], decision="superior_pass")

    session.refresh(cases[0])
    assert answer.status_code == 303
    assert cases[0].state is ApplicationState.AT_OFFICE
    assert "HZ" in client.get(answer.location).text
    assert logs(session) == 1
    assert session.scalars(select(TransitionLog)).one().request_id == answer.headers["X-Request-Id"]


def test_stale_version_loses(session, desk):
    client, cases = desk
    press(client, cases[0], decision="superior_pass")

    answer = client.post(
        "/g/1.1.3/act/audit",
        data={"row": f"{cases[0].id}:0", "decision": "superior_pass", **LEADER},
    )

    assert answer.status_code == 422
    assert logs(session) == 1


@pytest.mark.parametrize(
    "back", ["//evil.example/", "/\t/evil.example/", "/\r/evil.example/", "/x\\evil.example/"]
)
def test_return_address_stays_on_this_site(desk, back):
    client, cases = desk

    answer = press(client, cases[0], decision="superior_pass", back=back)

    assert answer.location == "/g/1.1.3/"


def test_rows_keep_their_order_without_being_asked(desk):
    client, cases = desk

    page = client.get("/g/1.1.3/").text

    found = re.findall("|".join(case.number for case in cases), page)
    in_turn = sorted(cases, key=lambda c: (c.due_at or NEVER, c.held_since, c.id))
    assert list(dict.fromkeys(found)) == [case.number for case in in_turn]


def test_list_needs_as_many_statements_for_one_row_as_for_thirty(session, desk, superior):
    client, _cases = desk
    client.get("/g/1.1.3/")
    with statements() as few:
        client.get("/g/1.1.3/?size=1")
    for _ in range(30):
        make.application(
            state=ApplicationState.AT_SUPERIOR, unit=make.unit(), superiors=(superior,)
        )
    session.commit()

    with statements() as many:
        answer = client.get("/g/1.1.3/?size=50")

    assert answer.text.count('name="pk"') >= 30
    assert len(many) == len(few)
    assert len(many) <= 12


def test_id_number_never_stays_in_the_address(session, desk):
    client, cases = desk
    number = cases[0].person.id_number

    by_get = client.get(f"/g/1.1.3/?q.id_number={number}")
    by_post = client.post("/g/1.1.3/search", data={"q.id_number": number.lower()})

    assert number not in by_get.location
    assert by_get.location == by_post.location
    page = client.get(by_post.location).text
    assert [case.number in page for case in cases] == [True, False, False, False, False]


def test_part_of_an_id_number_finds_nobody(session, desk):
    client, cases = desk
    number = cases[0].person.id_number

    page = client.get(client.get(f"/g/1.1.3/?q.id_number={number[:12]}").location).text

    assert all(case.number not in page for case in cases)


def test_parent_in_the_address_sets_nothing(session, client):
    own, foreign = make.unit(), make.unit()
    clerk = make.position(Role.UNIT, unit=own)
    session.commit()
    signed_in(client, clerk)

    page = client.get(f"/g/1.5.1/add?_flt_0_unit={foreign.id}")

    assert page.status_code == 200
    assert foreign.name not in page.text


def test_sorting_by_a_column_keeps_the_search(desk):
    client, _cases = desk

    page = client.get("/g/1.1.3/?size=50&sort=number&dir=desc&q.state=at_superior")

    assert page.status_code == 200
    assert re.search(
        r"q\.state=at_superior[^\"]*sort=number|sort=number[^\"]*q\.state=at_superior", page.text
    )


def test_search_request_of_another_thread_is_not_seen(desk):
    view = next(v for v in appbuilder.baseviews if type(v).__name__ == "SuperiorReviewView")

    kept = {
        name
        for name, value in vars(view).items()
        if hasattr(value, "add_filter_list") and name != "_base_filters"
    }

    assert kept == set()


def test_every_menu_refuses_an_unknown_record(app, session, client):
    roles = {}
    for view in appbuilder.baseviews:
        if isinstance(view, GuideView) and view.roles:
            roles.setdefault(view.roles[0], []).append(view)
    for role, views in roles.items():
        place = make.position(
            role,
            unit=make.unit(),
            committee=make.committee() if role in (Role.JUDGE, Role.SUPERVISOR) else None,
        )
        session.commit()
        browser = signed_in(app.test_client(), place)
        for view in views:
            assert browser.get(f"{view.route_base}/2147483646").status_code == 404, view
            assert browser.get(f"{view.route_base}/").status_code == 200, view


def test_quota_edit_is_closed_once_it_left_its_source_state(session, client):
    unit = make.unit()
    quota = make.quota(unit, state=QuotaState.APPROVED)
    clerk = make.position(Role.UNIT, unit=unit)
    session.commit()
    signed_in(client, clerk)

    answer = client.post(f"/g/1.5.1/{quota.id}/edit", data={"asked": "9"})

    assert answer.status_code in (302, 303)
    assert session.get(Quota, quota.id).asked == quota.asked


def test_chosen_year_holds_for_every_list(session, desk, superior):
    client, cases = desk
    year = cases[0].review_year
    other = make.application(
        state=ApplicationState.AT_SUPERIOR,
        unit=make.unit(),
        superiors=(superior,),
        review_year=year - 1,
    )
    session.commit()

    client.get(f"/year/{year - 1}")
    chosen = client.get("/g/1.1.3/").text
    client.get("/year/0")
    everything = client.get("/g/1.1.3/").text

    assert [case.number in chosen for case in (other, cases[0])] == [True, False]
    assert [case.number in everything for case in (other, cases[0])] == [True, True]
