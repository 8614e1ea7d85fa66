"""What the invented applicants filled in and uploaded: complete and in order, or half done for a draft."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.demo.world import World
from app.enums import Employment, Level, Sex
from app.models import Application, Attachment, Section, Series, Specialty, Title
from app.services import dossier

Row = dict[str, Any]
SCHOOLS = ("潇湘师范学院", "湘江理工学院", "洞庭农业学院", "岳麓医学院", "楚南工业学院")
KINDS = (
    "id_card", "education", "appointment", "assessment", "continuing_education",
    "achievement", "paper", "commitment",
)  # fmt: skip
WORKS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "01": ("高等教育教学与科研", "高校教学改革研究", ("一流课程建设", "校企联合实验室建设")),
    "04": ("临床诊疗", "基层医疗机构诊疗规范研究", ("慢性病分级诊疗推广", "重点专科建设")),
    "05": ("机械设计与制造", "工程机械关键部件可靠性研究", ("液压系统节能改造", "智能生产线建设")),
    "06": ("农业技术推广", "山地果园绿色防控技术研究", ("高标准农田示范", "新品种引进试验")),
    "22": ("中小学教育教学", "核心素养导向的课堂教学研究", ("县级精品课程建设", "薄弱学校帮扶")),
}  # fmt: skip
"""By series: the field of work, a subject of papers, names of achievements."""
ASSESSED_YEARS = 5


@dataclass(frozen=True)
class Life:
    """The years of an applicant that follow from the date of birth, so that nothing contradicts."""

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
        """The day of the present title: at least five years ago, after some years of work."""
        return date(min(self.graduated + 6, self.today.year - 6), 12, 20)


def fill(world: World, application: Application, at: datetime) -> None:
    """Fill in every section, upload everything asked for and sign the commitment."""
    sections = _sections(world, application)
    world.session.add_all(
        Section(application_id=application.id, key=key, rows=rows, saved_at=at)
        for key, rows in sections.items()
    )
    _upload(world, application, KINDS, at)
    application.is_secret_free = True
    application.committed_at = at
    application.commitment_version = dossier.form_of(application).commitment_version
    world.session.flush()


def begin_filling(world: World, application: Application, at: datetime) -> None:
    """Fill in the first sections only, as a draft that is put aside."""
    sections = _sections(world, application)
    world.session.add_all(
        Section(application_id=application.id, key=key, rows=sections[key], saved_at=at)
        for key in ("basic", "titles", "education")
    )
    _upload(world, application, ("id_card",), at)
    world.session.flush()


def _upload(world: World, application: Application, kinds: tuple[str, ...], at: datetime) -> None:
    form = dossier.form_of(application)
    lent = {kind: world.drawer.sheet(kind) for kind in kinds}
    if len(kinds) > 1:
        lent["photo"] = world.drawer.portrait(application.person.sex or Sex.MALE)
        lent |= {kind: world.drawer.sheet(kind) for kind in _special_kinds(application)}
    world.session.add_all(
        Attachment(
            subject_type=Application.__tablename__,
            subject_id=application.id,
            kind=kind,
            name=name,
            file_id=stored.id,
            section=form.section_of_material(kind),
            added_by=application.person.user_id,
            added_at=at,
        )
        for kind, (stored, name) in lent.items()
    )


def _special_kinds(application: Application) -> list[str]:
    kinds = ["current_title"] if application.level.rank > Level.ASSISTANT.rank else []
    if application.person.employment in (Employment.ENTERPRISE, Employment.FREELANCE):
        kinds.append("social_insurance")
    return kinds


def _sections(world: World, application: Application) -> dict[str, list[Row]]:
    person = application.person
    life = Life(person.birth_date or date(1985, 1, 1), world.days.today)
    return {
        "basic": [_basic(world, application, life)],
        "titles": [
            _title(world, application, level, life)
            for level in world.step_levels(application.level)
        ],
        "education": [_education(world, application, life)],
        "work": [_work(application, life)],
        "achievements": _achievements(application, life),
        "papers": [_paper(application, life)],
        "assessments": _assessments(application, life),
    }


def _basic(world: World, application: Application, life: Life) -> Row:
    is_public = application.person.employment is Employment.PUBLIC_POST
    return {
        "nation": "15" if application.region_code.startswith("4331") else "01",
        "politics": world.inventor.random.choice(["01", "13"]),
        "native_place": "湖南" + world.region_name(application.region_code),
        "health": "good",
        "work_since": f"{life.graduated}-07",
        "technical_since": f"{life.graduated}-07",
        "field": WORKS[application.series_code][0],
        "employment_form": "establishment" if is_public else "contract",
        "post_category": "technical",
        "insurance_unit": application.unit.name,
    }


def _title(world: World, application: Application, level: Level, life: Life) -> Row:
    series = application.series_code
    title = world.session.get_one(Title, f"{series}0{level.value}")
    return {
        "series": series,
        "level": level.value,
        "name": title.name,
        "specialty": _specialty(world, application),
        "acquisition": "review",
        "obtained_on": life.obtained.isoformat(),
        "body": f"{world.session.get_one(Series, series).name}中级职称评审委员会",
        "certificate_number": f"Z{life.obtained.year}{application.id:06d}",
        "hired_on": date(life.obtained.year + 1, 1, 1).isoformat(),
        "hired_by": application.unit.name,
        "years_hired": life.today.year - life.obtained.year - 1,
    }


def _education(world: World, application: Application, life: Life) -> Row:
    return {
        "level": "21",
        "school": world.inventor.random.choice(SCHOOLS),
        "major": _specialty(world, application),
        "study_form": "full_time",
        "entered": f"{life.entered}-09",
        "graduated": f"{life.graduated}-06",
        "certificate_number": f"9{life.graduated}05{application.id:06d}",
        "degree": "4",
        "degree_on": f"{life.graduated}-06",
        "check": "chsi",
        "is_basis": True,
    }


def _work(application: Application, life: Life) -> Row:
    return {
        "started": f"{life.graduated}-07",
        "unit": application.unit.name,
        "work": WORKS[application.series_code][0],
        "witness": "单位人事部门",
    }


def _achievements(application: Application, life: Life) -> list[Row]:
    names = WORKS[application.series_code][2]
    return [
        {
            "name": f"{application.unit.name}{name}",
            "started": f"{life.today.year - 3 - place}-03",
            "ended": f"{life.today.year - 2 - place}-12",
            "level": "municipal" if place else "county",
            "source": "superior",
            "role": "host" if place == 0 else "main",
            "rank": place + 1,
            "people": 6,
            "outcome": "按期完成全部任务，通过验收，成果在本地区推广应用。",
            "benefit": "得到服务对象和主管部门好评。",
            "is_representative": place == 0,
        }
        for place, name in enumerate(names)
    ]


def _paper(application: Application, life: Life) -> Row:
    return {
        "title": WORKS[application.series_code][1],
        "journal": "三湘职业技术论丛",
        "issn": "CN43-0000",
        "published": f"{life.today.year - 2}-05",
        "rank": 1,
        "authors": 2,
        "index": "general",
        "words": 5200,
        "is_representative": True,
    }


def _assessments(application: Application, life: Life) -> list[Row]:
    last = life.today.year - 1
    return [
        {
            "year": year,
            "grade": "excellent" if year % 4 == application.id % 4 else "competent",
            "unit": application.unit.name,
        }
        for year in range(last - ASSESSED_YEARS + 1, last + 1)
    ]


def _specialty(world: World, application: Application) -> str:
    return world.session.get_one(Specialty, application.specialty_code).name
