"""Journey 'an online meeting': 13 judges and 20 candidates, from the plan to the result sheet.

A judge declines and an alternate sits; one judge is recused, one never signs in; one candidate misses the interview;
two are equal at the cap and a second round decides between them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from app.enums import ApplicationState, Level, Role, SeatState, UnitKind
from app.extensions import db
from app.models import Application, Committee, Draw, Interview, Plan, Result, Round, Seat
from tests.journeys import driver, stage
from tests.journeys.hands import File, Hand, PaperHand
from tests.journeys.stage import Somebody, World
from tests.support import factories as make

COMMITTEE = "湖南省工程系列机械专业高级职称评审委员会"
PLAN = "机械专业高级职称线上评审会议方案"
END = {ApplicationState.PASSED: 11, ApplicationState.FAILED: 9}
DRAW_DAY, MEETING, LAST = date(2026, 4, 7), date(2026, 4, 8), date(2026, 4, 9)
CANDIDATES, SEATS, POOL = 20, 13, 18
CAP = 11
"""55 % of twenty; the eleventh place is the one two candidates are equal for."""
SURE, TIED = 10, (11, 12)
ITEMS = (
    ("业绩成果", "100", "60", "material_score"),
    ("学术水平", "100", "40", "material_score"),
    ("答辩表现", "100", "100", "interview"),
)
OPINION = "业绩突出，论文水平较高，评议组同意推荐。"
MINUTES = "2026年4月8日线上会议，应到十三人，实到十二人，主任委员主持，无记名投票两轮。"


@dataclass(frozen=True)
class Counted:
    """A counted round: (yes, eligible) of every candidate by name."""

    key: int
    number: int
    places: int | None
    votes: dict[str, tuple[int | None, int]]


@dataclass(frozen=True)
class Case:
    """A candidate as the journey needs it; nothing of it is read from the database later."""

    id: int
    number: str
    name: str
    state: ApplicationState


@dataclass(frozen=True)
class Chair:
    """A seat and whose it is."""

    user_id: int
    name: str


@dataclass
class Room:
    """The judges as they sit: the account of every seat, and the hand each uses."""

    seats: list[Chair] = field(default_factory=list)
    people: dict[int, Somebody] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)

    def somebody(self, seat: Chair) -> Somebody:
        return self.people[seat.user_id]

    @property
    def chair(self) -> Somebody:
        return self.somebody(self.seats[0])


class Cast:
    """Who takes part: office, authority, supervisor, the pool with accounts, one applicant."""

    def __init__(self, world: World) -> None:
        ministry = stage.unit("湖南省人力资源和社会保障厅", region_code="430000")
        organiser = stage.unit("湖南省机械行业职称工作办公室", region_code="430000")
        discipline = stage.unit("省纪检监察组", region_code="430000")
        committee = stage.committee(organiser, COMMITTEE)
        self.committee = committee
        staff, somebody = stage.staff, world.somebody
        self.hrss = somebody(staff(Role.HRSS, ministry, "唐处长"))
        self.office = somebody(staff(Role.OFFICE, organiser, "何办事员", committee))
        self.second = somebody(staff(Role.OFFICE, organiser, "龙办事员", committee))
        self.supervisor = somebody(staff(Role.SUPERVISOR, discipline, "纪监督", committee))
        self.pool = _pool(committee)
        works = stage.unit("长沙机械研究所", UnitKind.PRIVATE_FIRM)
        _candidates(committee, works)
        db.session.commit()


def _pool(committee: Committee) -> dict[int, str]:
    """Put experts of many units into the pool, each with an account and the judge's position."""
    names = {}
    for number in range(POOL):
        employer = make.unit(f"评委单位{number:02d}", region_code="430000")
        person = make.person(f"专家{'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未'[number]}", unit=employer)
        position = stage.account(make.position(Role.JUDGE, committee=committee, person=person))
        make.expert(committee, person=person, term_from=date(2025, 6, 1), term_to=date(2027, 6, 1))
        names[position.user_id] = position.user.username
    return names


def _candidates(committee: Committee, works: Any) -> None:
    batch = make.batch(committee=committee, name="2026年度机械工程高级职称评审", review_year=2026)
    for number in range(1, CANDIDATES + 1):
        person = make.person(f"申报{number:02d}", unit=works)
        make.application(
            ApplicationState.QUALIFIED, person=person, unit=works, batch=batch, level=Level.ASSOCIATE,
            number=f"2026{number:06d}",
        )  # fmt: skip


def play(world: World) -> None:
    """Play the whole journey; every stage says what is so after it."""
    cast = Cast(world)
    plan(cast)
    interviews(world, cast)
    room = draw(world, cast)
    sign_in(world, cast, room)
    judge(world, cast, room)
    keys(cast, room)
    first_round(cast, room)
    second_round(cast, room)
    conclude(world, cast, room)


def plan(cast: Cast) -> None:
    """The plan with its score items is tried, reported and agreed."""
    hand = cast.office.go("/g/1.2.2/")
    hand.press("新增")
    for _item in ITEMS:
        hand.add_row("score_items")
    answers: dict[str, Any] = {
        "name": PLAN, "mode": "online", "opens_on": MEETING.isoformat(), "closes_on": LAST.isoformat(),
        "place": "线上会议室", "seats": str(SEATS), "alternates": "3", "over_cap": "rank", "pick": "all",
        "steps": ["material_score", "interview", "opinion", "vote"], "associate_cap": "55",
    }  # fmt: skip
    for place, (name, most, weight, step) in enumerate(ITEMS):
        answers |= {
            f"score_items-{place}-name": name,
            f"score_items-{place}-max": most,
            f"score_items-{place}-weight": weight,
            f"score_items-{place}-step": step,
        }
    hand.fill(answers)
    hand.press("保存")
    driver.receipt_of(cast.office)
    driver.agree_plan(cast.hrss, PLAN)
    assert {one.state for one in cases()} == {ApplicationState.IN_REVIEW}


def interviews(world: World, cast: Cast) -> None:
    """Slots by lot in two rooms, notices to everybody."""
    hand = cast.office.go("/g/1.2.4/generate")
    hand.fill(
        {
            "plan_id": PLAN, "rooms": "第一答辩室\n第二答辩室", "first": MEETING.isoformat(),
            "begins": "09:00", "ends": "17:30", "minutes": "10", "pause": "0",
            "is_sure": True,
        }
    )  # fmt: skip
    hand.press("生成")
    slots = db.session.query(Interview.room, Interview.starts_at).all()
    db.session.commit()
    assert len(set(slots)) == len(slots) == CANDIDATES
    driver.act(cast.office, "/g/1.2.4/slots/", [one.name for one in cases()], "发送")


def draw(world: World, cast: Cast) -> Room:
    """Both sides commit and reveal; one judge declines, an alternate sits; the office appoints the chair."""
    world.until(DRAW_DAY, 10)
    driver.new(cast.office, "/g/1.2.3/draws/", "冻结专家库", {"plan_id": PLAN}, "冻结专家库")
    for who in (cast.office, cast.supervisor):
        press_draw(who, "承诺")
    for who in (cast.office, cast.supervisor):
        press_draw(who, "揭示")
    room = take_seats(world, cast)
    chair = room.seats[0]
    driver.act(cast.office, "/g/1.2.3/seats/", [chair.name], "任命", role="chair")
    db.session.commit()
    return room


def take_seats(world: World, cast: Cast) -> Room:
    """The judges called accept, one declines and an alternate takes the seat."""
    called = seats_in(SeatState.CALLED)
    assert (len(called), len(seats_in(SeatState.RESERVE))) == (SEATS, 3)
    room = Room()
    decliner = called[-1]
    for seat in called:
        room.people[seat.user_id] = judge_hand(world, cast, seat, is_seen=seat is called[0])
        act = "不能参加" if seat is decliner else "接受"
        answer(room.people[seat.user_id], act)
    [alternate] = seats_in(SeatState.CALLED)
    room.people[alternate.user_id] = judge_hand(world, cast, alternate)
    answer(room.people[alternate.user_id], "接受")
    room.seats = seats_in(SeatState.ACCEPTED)
    assert len(room.seats) == SEATS
    return room


def press_draw(who: Somebody, label: str) -> None:
    """Commit or reveal; a browser fills the secret by itself, on paper it is typed."""
    hand = who.go("/g/1.2.3/draws/")
    draw_id = db.session.query(Draw.id).scalar()
    db.session.commit()
    name = "commit" if label == "承诺" else "reveal"
    hand.open(f"/g/1.2.3/draws/act/{name}?pk={draw_id}")
    if isinstance(hand, PaperHand):
        hand.fill({"secret": f"{who.username}0123456789abcdef"})
    hand.press(label)
    driver.receipt_of(who)


def judge_hand(world: World, cast: Cast, seat: Chair, *, is_seen: bool = False) -> Somebody:
    """Give the judge of a seat a hand; only the first one needs a screen."""
    hand = world.new_hand() if is_seen else world.new_extra()
    return Somebody(cast.pool[seat.user_id], hand)


def answer(who: Somebody, label: str) -> None:
    answers = {"opinion": "当天另有教学任务，不能参加"} if label == "不能参加" else {}
    driver.act(who, "/g/my-seats/", [PLAN], label, **answers)


def sign_in(world: World, cast: Cast, room: Room) -> None:
    """Everybody but the last one signs in; one recuses oneself; one candidate does not come."""
    attend(world, room)
    missing = cases()[-1]
    world.until(MEETING, 17, 40)
    driver.act(cast.office, "/g/1.2.4/slots/", [missing.name], "缺席")


def attend(world: World, room: Room) -> None:
    """All judges but the last one sign in; one recuses oneself from a candidate."""
    world.until(MEETING, 9, 30)
    for seat in room.seats[:-1]:
        driver.act(room.somebody(seat), "/g/my-seats/", [PLAN], "签到")
    recused = room.somebody(room.seats[4])
    first = cases()[0]
    hand = recused.go("/g/my-seats/recusals")
    hand.press("申请回避")
    hand.fill({"application_id": first.number, "reason": "与该申报人有合作论文"})
    hand.press("保存")
    recused.hand.open(f"/g/1.3.3/{first.id}")
    assert "404" in recused.hand.text or first.number not in recused.hand.text


def judge(world: World, cast: Cast, room: Room) -> None:
    """Three judges score all candidates alike, from sheets; the same three sign the opinions."""
    three = [room.somebody(seat) for seat in room.seats[:3]]
    for who in three:
        for menu in ("/g/1.3.3/", "/g/1.3.2/"):
            upload_sheet(who, menu)
    for case in cases():
        for place, who in enumerate(three):
            paper = Somebody(who.username, world.new_extra()) if place == 0 else who
            paper.go(f"/g/1.3.5/{case.id}")
            if place == 0:
                paper.hand.fill({"text": OPINION})
            paper.hand.press("提交意见并签名" if place == 0 else "签名")


def upload_sheet(who: Somebody, menu: str) -> None:
    hand = who.go(menu)
    book = load_workbook(BytesIO(hand.download("下载离线表")))
    sheet = book.worksheets[0]
    heads = {
        cell.value: cell.column for row in sheet.iter_rows(max_row=3) for cell in row if cell.value
    }
    columns = [
        column
        for name, column in heads.items()
        if any(str(name).startswith(item[0]) for item in ITEMS)
    ]
    numbers = {case.number for case in cases()}
    for row in sheet.iter_rows():
        if str(row[0].value) in numbers:
            for column in columns:
                row[column - 1].value = 80
    stream = BytesIO()
    book.save(stream)
    hand.press("上传离线表")
    hand.fill({"sheet": File("评分表.xlsx", stream.getvalue()), "is_final": True})
    hand.press("核对并导入")


def keys(cast: Cast, room: Room) -> None:
    """Chair, supervisor and office each take a code."""
    for name, who in (
        ("chair", room.chair),
        ("supervisor", cast.supervisor),
        ("office", cast.office),
    ):
        take_code(room, name, who)


def plan_id() -> int:
    found: int = db.session.query(Plan.id).filter_by(name=PLAN).scalar()
    db.session.commit()
    return found


def take_code(room: Room, name: str, who: Somebody) -> None:
    hand = who.go(f"/g/meeting/{plan_id()}/key")
    hand.press("领取")
    room.codes[name] = code_on(hand)


def code_on(hand: Hand) -> str:
    """Return the code that the page shows once."""
    return next(word for word in hand.text.split() if word.count("-") == 3)


def hold(cast: Cast, room: Room, letters: Any) -> Counted:
    """Freeze, open, vote, close, open the box with two codes; `letters` says what seat n votes."""
    hand = cast.office.go("/g/meeting/rounds/")
    hand.press("冻结本轮")
    hand.fill({"plan_id": PLAN})
    freeze(hand)
    driver.receipt_of(cast.office)
    # the page of the round loads itself anew when the round moves on
    cast.office.go("/g/meeting/")
    key = vote(room, letters)
    press_round(room.chair, key, "release", "开箱", code=room.codes["chair"])
    press_round(cast.supervisor, key, "release", "开箱", code=room.codes["supervisor"])
    return counted(key)


def freeze(hand: Hand) -> None:
    """Press on the form of a round, and again with the tick about the sheets that are missing."""
    hand.press("冻结本轮")
    assert "打分评委不足" in hand.text
    hand.fill({"goes_on": True})
    hand.press("冻结本轮")


def vote(room: Room, letters: Any) -> int:
    """The chair opens the frozen round, everybody there votes, the chair closes it; return its key."""
    held = db.session.query(Round).order_by(Round.id.desc()).first()
    assert held is not None
    key, names = held.id, [one.application.name for one in held.candidates]
    db.session.commit()
    press_round(room.chair, key, "open", "开始投票")
    for place, seat in enumerate(room.seats[:-1]):
        who = room.somebody(seat)
        hand = who.go("/g/1.3.4/")
        hand.press("投票")
        given = letters(place, names)
        offered = set(hand.names("choice-"))
        hand.fill(
            {
                f"choice-{n}": one
                for n, one in enumerate(given, start=1)
                if one != "-" and f"choice-{n}" in offered
            }
        )
        hand.press("投票")
        assert "您的选票已入票箱" in hand.text
    press_round(room.chair, key, "close", "截止投票")
    return key


def counted(key: int) -> Counted:
    db.session.expire_all()
    held = db.session.get_one(Round, key)
    votes = {one.application.name: (one.yes, one.eligible) for one in held.candidates}
    facts = Counted(key, held.number, held.places, votes)
    assert held.state.value == "counted"
    db.session.commit()
    return facts


def press_round(who: Somebody, key: int, button: str, label: str, **answers: Any) -> None:
    hand = who.go(f"/g/meeting/rounds/act/{button}?pk={key}")
    if answers:
        hand.fill(answers)
    hand.press(label)
    driver.receipt_of(who)
    who.go("/g/meeting/")


def first_round(cast: Cast, room: Room) -> None:
    """Ten have everybody's yes, two have ten of twelve each, the others too few."""
    held = hold(cast, room, first_letters)

    votes = held.votes
    assert votes["申报01"] == (11, 11)
    assert votes["申报02"] == (12, 12)
    assert votes["申报11"] == votes["申报12"] == (10, 12)
    assert votes["申报13"] == (0, 12)
    page = cast.office.go(f"/g/meeting/rounds/{held.key}").text
    assert "已计票" in page


def first_letters(place: int, names: list[str]) -> Iterator[str]:
    """Yield what the judge at `place` votes in the first round."""
    for name in names:
        number = int(name.removeprefix("申报"))
        is_recused = place == 4 and number == 1
        tied = number in TIED and place < 10
        yield "-" if is_recused else "y" if number <= SURE or tied else "n"


def second_letters(place: int, names: list[str]) -> Iterator[str]:
    """Yield what the judge at `place` votes in the second round."""
    for name in names:
        yield "y" if name == "申报11" and place < 9 else "n"


def second_round(cast: Cast, room: Room) -> None:
    """The two who are equal at the cap: one place, nine of twelve for one of them."""
    held = hold(cast, room, second_letters)

    assert (held.number, held.places) == (2, 1)
    assert held.votes == {"申报11": (9, 12), "申报12": (0, 12)}


def conclude(world: World, cast: Cast, room: Room) -> None:
    """The result is computed, minuted, signed by chair and supervisor and confirmed by a second person."""
    driver.act(cast.office, "/g/1.2.5/", [PLAN], "汇总结果")
    driver.act(cast.office, "/g/1.2.5/", [PLAN], "会议纪要", minutes=MINUTES)
    sign(cast, room)
    driver.act(cast.second, "/g/1.2.5/", [PLAN], "复核", decision="confirm")
    results = db.session.query(Result).all()
    passed = sorted(one.application.name for one in results if one.is_passed)
    assert passed == [f"申报{number:02d}" for number in range(1, CAP + 1)]
    assert {one.application.state for one in results} == {
        ApplicationState.PASSED,
        ApplicationState.FAILED,
    }
    db.session.commit()
    hand = cast.office.go("/g/1.2.5/")
    hand.press("查看")
    assert hand.download("打印评审结果表").startswith(b"%PDF")
    course = cast.supervisor.go("/g/course/")
    course.press("查看")
    assert "同意" not in course.text or "申报12" not in course.text


def sign(cast: Cast, room: Room) -> None:
    """Chair and supervisor sign the result."""
    for who in (room.chair, cast.supervisor):
        driver.act(who, "/g/meeting-result/", [PLAN], "签名")


def cases() -> list[Case]:
    found = db.session.query(Application).order_by(Application.number).all()
    read = [Case(one.id, one.number, one.name, one.state) for one in found]
    db.session.commit()
    return read


def seats_in(state: SeatState) -> list[Chair]:
    db.session.expire_all()
    found = db.session.query(Seat).filter_by(state=state).order_by(Seat.place).all()
    read = [Chair(one.user_id, one.user.real_name) for one in found]
    db.session.commit()
    return read
