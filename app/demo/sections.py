"""Generate form sections of invented dossiers for teachers, doctors, engineers and agronomists."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.demo.world import World
from app.enums import Employment, Level, UnitKind
from app.models import Application, Series, Specialty, Title

Row = dict[str, Any]
SCHOOLS = ("潇湘师范学院", "湘江理工学院", "洞庭农业学院", "岳麓医学院", "楚南工业学院")

LEVELS = {
    Level.SENIOR: "正高级",
    Level.ASSOCIATE: "高级",
    Level.MIDDLE: "中级",
    Level.ASSISTANT: "初级",
    Level.CLERK: "员级",
}


@dataclass(frozen=True)
class Trade:
    """Typical work, research, studies and awards of people in a series."""

    field: str
    subject: str
    works: tuple[str, ...]
    training: str
    result: tuple[str, str]
    award: str


TRADES: dict[str, Trade] = {
    "01": Trade(
        "高等教育教学与科研", "高校教学改革研究", ("一流课程建设", "校企联合实验室建设"),
        "高校教师教学能力提升研修", ("software", "虚拟仿真实验教学平台"), "湖南省高等教育教学成果奖",
    ),
    "04": Trade(
        "临床诊疗", "基层医疗机构诊疗规范研究", ("慢性病分级诊疗推广", "重点专科建设"),
        "省级医院专科进修", ("utility", "一种可调节输液固定装置"), "湖南医学科技奖",
    ),
    "05": Trade(
        "机械设计与制造", "工程机械关键部件可靠性研究", ("液压系统节能改造", "智能生产线建设"),
        "智能制造技术高级研修", ("invention", "一种液压缸密封寿命检测方法"), "湖南省科学技术进步奖",
    ),
    "06": Trade(
        "农业技术推广", "山地果园绿色防控技术研究", ("高标准农田示范", "新品种引进试验"),
        "基层农技人员知识更新培训", ("standard", "山地柑橘绿色防控技术规程"), "湖南省农业丰收奖",
    ),
    "22": Trade(
        "中小学教育教学", "核心素养导向的课堂教学研究", ("县级精品课程建设", "薄弱学校帮扶"),
        "省级中小学骨干教师培训", ("software", "初中数学错题诊断系统"), "湖南省基础教育教学成果奖",
    ),
}  # fmt: skip
USUAL = "05"
"""Series whose trade people of any other series have."""


@dataclass(frozen=True)
class Life:
    """Dates in an applicant's life, derived from the date of birth so that they are consistent."""

    birth: date
    today: date

    @property
    def entered(self) -> int:
        return self.birth.year + 18

    @property
    def graduated(self) -> int:
        return self.entered + 4

    @property
    def obtained(self) -> date:
        """Day the present title was obtained: at least five years ago, after some years of work."""
        return date(min(self.graduated + 6, self.today.year - 6), 12, 20)

    @property
    def years(self) -> range:
        """Full years since the present title."""
        return range(self.obtained.year + 1, self.today.year)


def sections_of(world: World, application: Application) -> dict[str, list[Row]]:
    """Return every section filled in, in the order of the form."""
    person = application.person
    life = Life(person.birth_date or date(1985, 1, 1), world.days.today)
    trade = TRADES.get(application.series_code, TRADES[USUAL])
    levels = world.step_levels(application.level)
    return {
        "applying": [_applying(application, trade)],
        "basic": [_basic(world, application, life)],
        "titles": [_title(world, application, level, life) for level in levels],
        "education": [_education(world, application, life)],
        "work": _work(application, life, trade),
        "training": [_training(life, trade)],
        "continuing": [_continuing(application, year) for year in life.years[-5:]],
        "achievements": _achievements(application, life, trade),
        "projects": [_project(application, life, trade)],
        "papers": [_paper(application, life, trade)],
        "books": [_book(life, trade)] if application.level is Level.ASSOCIATE else [],
        "patents": [_patent(application, life, trade)],
        "awards": [_award(application, life, trade)],
        "summary": [{"text": _summary(application, trade)}],
        "conduct": [{"has_penalty": "no", "has_dishonesty": "no", "is_declared": True}],
        "assessments": [_assessment(application, year) for year in life.years],
    }


def _applying(application: Application, trade: Trade) -> Row:
    is_public = application.unit.kind is UnitKind.PUBLIC
    agency = application.unit.kind is UnitKind.AGENCY
    row = {
        "field": trade.field,
        "filing_unit": "agency" if agency else "work",
        "channel": "agency" if agency else "unit",
        "is_grassroots": "no",
    }
    return row | ({"quota_kind": "vacancy"} if is_public else {})


def _basic(world: World, application: Application, life: Life) -> Row:
    is_public = application.person.employment is Employment.PUBLIC_POST
    region = world.region_name(application.region_code)
    return {
        "nation": "15" if application.region_code.startswith("4331") else "01",
        "origin": "mainland",
        "politics": world.inventor.random.choice(["01", "13"]),
        "native_place": f"湖南{region}",
        "health": "good",
        "work_since": f"{life.graduated}-07",
        "technical_since": f"{life.graduated}-07",
        "address": f"湖南省{region}人民路{application.id % 200 + 1}号",
        "duty": "无",
        "employment_form": "establishment" if is_public else "contract",
        "post_category": "technical",
        "post_grade": "t10",
        "archive_place": f"{region}人才服务中心",
        "insurance_unit": application.unit.name,
    }


def _title(world: World, application: Application, level: Level, life: Life) -> Row:
    series = application.series_code
    title = world.session.get_one(Title, world.title_code(series, level))
    return {
        "series": series,
        "level": level.value,
        "name": title.name,
        "specialty": _specialty(world, application),
        "acquisition": "review",
        "obtained_on": life.obtained.isoformat(),
        "body": f"{world.session.get_one(Series, series).name}{LEVELS[level]}职称评审委员会",
        "certificate_number": f"Z{life.obtained.year}{application.id:06d}",
        "hired_on": date(life.obtained.year + 1, 1, 1).isoformat(),
        "hired_by": application.unit.name,
        "years_hired": life.today.year - life.obtained.year - 1,
        "interruption": "无",
    }


def _education(world: World, application: Application, life: Life) -> Row:
    return {
        "level": "21",
        "school": world.inventor.random.choice(SCHOOLS),
        "major": _specialty(world, application),
        "duration": 4,
        "study_form": "full_time",
        "entered": f"{life.entered}-09",
        "graduated": f"{life.graduated}-06",
        "certificate_number": f"9{life.graduated}05{application.id:06d}",
        "degree": "4",
        "degree_on": f"{life.graduated}-06",
        "degree_number": f"9{life.graduated}4{application.id:06d}",
        "check": "chsi",
        "check_code": f"A{application.id:011d}",
        "is_basis": True,
    }


def _work(application: Application, life: Life, trade: Trade) -> list[Row]:
    """Two posts in the same unit, the second since the present title."""
    moved = f"{life.obtained.year + 1}-01"
    first = {
        "started": f"{life.graduated}-07",
        "ended": f"{life.obtained.year}-12",
        "unit": application.unit.name,
        "department": "业务岗位",
        "work": trade.field,
        "duty": "无",
        "witness": "单位人事部门",
    }
    return [first, first | {"started": moved, "ended": None, "department": "业务骨干岗位"}]


def _training(life: Life, trade: Trade) -> Row:
    year = life.today.year - 3
    return {
        "started": f"{year}-07",
        "ended": f"{year}-08",
        "organiser": "湖南省专业技术人员继续教育基地",
        "content": trade.training,
        "hours": 80,
        "result": "completed",
    }


def _continuing(application: Application, year: int) -> Row:
    return {
        "year": year,
        "public_hours": 30,
        "special_hours": 62.5,
        "certificate_number": f"XJ{year}{application.id:06d}",
        "origin": "matched",
    }


def _achievements(application: Application, life: Life, trade: Trade) -> list[Row]:
    return [
        {
            "name": f"{application.unit.name}{name}（第{application.id % 9 + 1}期）",
            "started": f"{life.today.year - 3 - place}-03",
            "ended": f"{life.today.year - 2 - place}-12",
            "level": "municipal" if place else "county",
            "source": "superior",
            "funds": 12.5 * (place + 1),
            "role": "host" if place == 0 else "main",
            "rank": place + 1,
            "people": 6,
            "outcome": "按期完成全部任务，通过验收，成果在本地区推广应用。",
            "benefit": "得到服务对象和主管部门好评。",
            "proof": "任务书、验收意见书",
            "is_representative": place == 0,
        }
        for place, name in enumerate(trade.works)
    ]


def _project(application: Application, life: Life, trade: Trade) -> Row:
    year = life.today.year - 4
    return {
        "name": f"{trade.subject}（{application.id % 900 + 100}）",
        "number": f"{year}-KT-{application.id % 900 + 100}",
        "body": f"{application.committee.unit.name}",
        "level": "municipal",
        "funds": 5,
        "role": "main",
        "rank": 2,
        "people": 5,
        "approved": f"{year}-04",
        "close_kind": "conclusion",
        "closed": f"{year + 2}-04",
    }


def _paper(application: Application, life: Life, trade: Trade) -> Row:
    return {
        "title": f"{trade.subject}——{application.unit.name}的{application.id % 12 + 3}个案例",
        "journal": "三湘职业技术论丛",
        "issn": "CN43-0000",
        "issue": f"{life.today.year - 2}年第3期 45-49页",
        "published": f"{life.today.year - 2}-05",
        "rank": 1,
        "authors": 2,
        "is_corresponding": True,
        "index": "general",
        "words": 5200,
        "proof": "知网检索页",
        "is_representative": True,
    }


def _book(life: Life, trade: Trade) -> Row:
    return {
        "title": f"{trade.field}实务",
        "kind": "edited",
        "isbn": "9787000000000",
        "publisher": "潇湘教育出版社",
        "published": f"{life.today.year - 3}-09",
        "role": "member",
        "words": 3.6,
        "rank": 4,
        "people": 6,
    }


def _patent(application: Application, life: Life, trade: Trade) -> Row:
    kind, name = trade.result
    return {
        "kind": kind,
        "name": name,
        "number": f"ZL{life.today.year - 2}{application.id:08d}",
        "granted": f"{life.today.year - 2}-06-18",
        "rank": 1,
        "people": 3,
    }


def _award(application: Application, life: Life, trade: Trade) -> Row:
    return {
        "achievement": trade.works[0],
        "name": trade.award,
        "level": "municipal",
        "grade": "third",
        "body": "市人民政府",
        "awarded": f"{life.today.year - 1}-01",
        "rank": 3,
        "people": 7,
        "certificate_number": f"HJ{life.today.year - 1}-{application.id % 900 + 100}",
    }


def _summary(application: Application, trade: Trade) -> str:
    return (
        f"任现职以来，本人在{application.unit.name}从事{trade.field}工作，认真履行岗位职责，年度考核均在合格以上。\n"
        f"业务方面：主持{trade.works[0]}，参与{trade.works[1]}，均按期完成并通过验收，成果在本地区推广应用。\n"
        f"研究方面：围绕{trade.subject}开展课题研究并发表论文，{trade.result[1]}得到同行认可。\n"
        f"学习方面：参加{trade.training}，每年完成规定的继续教育学时。\n"
        "今后将继续立足岗位，指导青年同事，解决生产和服务一线的实际问题。"
    )


def _assessment(application: Application, year: int) -> Row:
    return {
        "year": year,
        "grade": "excellent" if year % 4 == application.id % 4 else "competent",
        "unit": application.unit.name,
    }


def _specialty(world: World, application: Application) -> str:
    return world.session.get_one(Specialty, application.specialty_code).name
