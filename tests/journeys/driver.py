"""The steps of the operating guide, one function each: who does it, under which menu, with which buttons.

Everything goes through `Hand`, so that the same steps run over plain HTTP and in Chromium.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from tests.journeys.hands import File, Found
from tests.journeys.stage import Somebody
from tests.services.dossiers import ROWS, pdf, picture

RECEIPT = re.compile(r"回执\s*([0-9A-Z-]{8,})")


def receipt_of(somebody: Somebody) -> str:
    """Return the receipt number the page shows."""
    found = RECEIPT.search(somebody.hand.text)
    assert found, somebody.hand.text[:2000]
    return found[1]


def act(who: Somebody, menu: str, rows: Iterable[str], button: str, **answers: Any) -> str:
    """Tick rows of a menu's list, press its button, answer its form, press again; return the receipt."""
    prepare_act(who, menu, rows, button, **answers)
    who.hand.press(button)
    return receipt_of(who)


def prepare_act(who: Somebody, menu: str, rows: Iterable[str], button: str, **answers: Any) -> None:
    """Do the same up to the last press."""
    hand = who.go(menu)
    hand.tick_rows(list(rows))
    hand.press(button)
    if answers:
        hand.fill(answers)


def new(who: Somebody, menu: str, button: str, answers: Mapping[str, Any]) -> str:
    """新增 → 保存, and return the receipt."""
    hand = who.go(menu)
    hand.press(button)
    hand.fill(answers)
    hand.press("保存")
    return receipt_of(who)


# 1.4.2 年度批次信息提交


def submit_batch(office: Somebody, name: str, *, levels: list[str]) -> str:
    return new(
        office,
        "/g/1.4.2/",
        "新增",
        {
            "name": name,
            "review_year": "2026",
            "modes": ["normal"],
            "levels": levels,
            "apply_start": "2026-03-02",
            "apply_end": "2026-04-30",
            "resubmit_end": "2026-05-15",
            "unit_end": "2026-05-31",
            "superior_end": "2026-06-15",
            "office_end": "2026-06-30",
            "material_cutoff": "2026-02-28",
            "seniority_date": "2026-12-31",
        },
    )


def open_batch(hrss: Somebody, name: str) -> str:
    return act(hrss, "/g/1.4.2/waiting", [name], "审核", decision="审核通过")


# 1.6.1 评委会下级单位管理, 1.6.2 审核层级配置单位确认


def place(office: Somebody, committee: str, unit: str, superior: str | None) -> str:
    answers: dict[str, Any] = {
        "committee_id": committee,
        "unit_id": Found(unit),
        "levels": ["1", "2", "3", "4", "5"],
    }
    if superior:
        answers["superior_id"] = Found(superior)
    return new(office, "/g/1.6.1/", "新增", answers)


def confirm_place(clerk: Somebody, unit: str) -> str:
    return act(clerk, "/g/1.6.2/", [unit], "确认", decision="confirm")


# 1.5.1 职数申报, 1.5.2 职数审核


def ask_quota(unit: Somebody, *, level: str, specialty: str, posts: int, held: int) -> str:
    return new(
        unit,
        "/g/1.5.1/",
        "新增",
        {
            "review_year": "2026",
            "level": level,
            "specialty_code": Found(specialty),
            "posts": str(posts),
            "held": str(held),
            "asked": str(posts - held),
            "kind": "vacancy",
        },
    )


def approve_quota(hrss: Somebody, row: str) -> str:
    return act(hrss, "/g/1.5.2/", [row], "审核", decision="审核通过")


# 个人：职称申报


def begin(person: Somebody, *, level: str, title: str, specialty: str, unit: str) -> str:
    """Choose batch, way, level, title, specialty and unit; return the address of the application."""
    hand = person.go(f"{person.hall}/")
    hand.press("我要申报")
    hand.fill({"mode": "normal", "level": level})
    hand.press("下一步" if person.is_on_phone else "查看可选职称")
    hand.fill({"title_code": title, "specialty_code": specialty, "unit_id": Found(unit)})
    hand.press("暂存")
    return hand.path


def dossier(*, held: tuple[str, str], employer: str) -> dict[str, list[dict[str, Any]]]:
    """Return what the applicant enters, section by section."""
    level, name = held
    rows = {key: [dict(row) for row in value] for key, value in ROWS.items()}
    rows["titles"][0] |= {"level": level, "name": name}
    rows["work"][0]["unit"] = employer
    rows["assessments"] = [
        {"year": year, "grade": "competent", "unit": employer} for year in ("2024", "2025")
    ]
    return rows


def fill_sections(
    person: Somebody, home: str, sections: Mapping[str, list[dict[str, Any]]]
) -> None:
    """Fill one section after the other with 【下一步】, as the steps lead."""
    hand = person.go(f"{home}section/basic")
    for key, rows in sections.items():
        if f"/section/{key}" not in hand.path:
            hand.open(f"{home}section/{key}")
        fill_section(person, rows)
        hand.press("下一步")


def fill_section(person: Somebody, rows: list[dict[str, Any]]) -> None:
    """Fill the rows of the section that is open."""
    for number, row in enumerate(rows):
        if number:
            person.hand.press("添加一行")
        answers = {f"rows-{number}-{key}": value for key, value in row.items()}
        for name in [name for name in answers if name.endswith("-is_basis")]:
            answers[name] = True
        person.hand.fill(answers)


def upload_materials(person: Somebody, home: str, kinds: Iterable[str] = ()) -> None:
    """【申报材料上传】: one file for every kind."""
    person.go(f"{home}materials")
    for kind in kinds or REQUIRED:
        upload(person, kind)


REQUIRED = (
    "id_card",
    "photo",
    "education",
    "assessment",
    "continuing_education",
    "achievement",
    "commitment",
)


def upload(person: Somebody, kind: str) -> None:
    file = File("照片.png", picture()) if kind == "photo" else File(f"{kind}.pdf", pdf())
    person.hand.fill({"file": file}, within=f"kind-{kind}")
    person.hand.press("上传", within=f"kind-{kind}")


def hand_in(person: Somebody, home: str) -> str:
    """【提交】 with the commitment; return the receipt."""
    hand = person.go(f"{home}submit")
    hand.fill({"is_secret_free": True, "is_true": True})
    hand.press("提交")
    return receipt_of(person)


def is_refused_incomplete(person: Somebody, home: str) -> None:
    """【提交】 without the material: every gap is named with a link, and nothing is handed in."""
    hand = person.go(f"{home}submit")
    hand.fill({"is_secret_free": True, "is_true": True})
    hand.press("提交")
    assert "/submit" in hand.path
    for name in ("身份证明", "证件照", "诚信承诺书"):
        assert name in hand.text


def correct_section(
    person: Somebody, home: str, key: str, answers: Mapping[str, str], reason: str
) -> None:
    """Open a returned section, where its reason stands beside the fields, and correct it."""
    hand = person.go(f"{home}section/{key}")
    assert reason in hand.text
    hand.fill(answers)
    hand.press("暂存")


def supply_material(person: Somebody, home: str, kind: str) -> None:
    """Upload what a supplement asks for; kinds it does not name stay closed."""
    hand = person.go(f"{home}materials")
    assert "只能修改" in hand.text, hand.text
    upload(person, kind)


# 1.1.1 所在单位申报公示


def check(unit: Somebody, names: Iterable[str]) -> str:
    return act(unit, "/g/1.1.1/check/", names, "审核", decision="审核通过")


def open_notice(unit: Somebody, title: str, names: list[str], starts_on: date) -> str:
    return new(
        unit,
        "/g/1.1.1/",
        "新增",
        {
            "title": title,
            "application_ids": names,
            "place": "单位公告栏",
            "contact": "纪检监察室",
            "phone": "0731-12345678",
            "starts_on": starts_on.isoformat(),
        },
    )


def register_objection(unit: Somebody, name: str, content: str, received_on: date) -> str:
    return new(
        unit,
        "/g/1.1.1/objections",
        "新增",
        {
            "item_id": name,
            "content": content,
            "author": "赵某",
            "contact": "13900000000",
            "received_on": received_on.isoformat(),
            "received_time": "10:30",
        },
    )


def reject_objection(unit: Somebody, name: str, findings: str) -> str:
    return act(unit, "/g/1.1.1/objections", [name], "处理", decision="reject", opinion=findings)


# 1.1.2 单位推荐上报, 1.1.3 上级单位审核


def report(unit: Somebody, names: Iterable[str]) -> str:
    return act(
        unit,
        "/g/1.1.2/",
        names,
        "上报",
        recommendation="材料真实完整，公示无异议，同意推荐。",
        proof=File("公示证明.pdf", pdf()),
    )


def pass_on(superior: Somebody, names: Iterable[str]) -> str:
    return act(superior, "/g/1.1.3/", names, "审核", decision="审核通过")


def send_back(superior: Somebody, name: str, opinion: str, reasons: Mapping[str, str]) -> str:
    """审核不通过 with 退回修改: the opinion, and what is to be changed section by section."""
    prepare_act(
        superior,
        "/g/1.1.3/",
        [name],
        "审核",
        decision="审核不通过",
        way="退回修改",
        opinion=opinion,
    )
    for number, (section, reason) in enumerate(reasons.items()):
        superior.hand.add_row("reasons")
        superior.hand.fill(
            {f"reasons-{number}-section": section, f"reasons-{number}-reason": reason}
        )
    superior.hand.press("审核")
    return receipt_of(superior)


# 1.2.1 职称申报人员资格复核


def qualify(office: Somebody, names: Iterable[str]) -> str:
    return act(office, "/g/1.2.1/", names, "审核", decision="office_pass")


def ask_supplement(office: Somebody, name: str, opinion: str, items: Mapping[str, str]) -> str:
    prepare_act(office, "/g/1.2.1/", [name], "审核", decision="ask_correction", opinion=opinion)
    for number, (section, text) in enumerate(items.items()):
        if number:
            office.hand.add_row("items")
        office.hand.fill({f"items-{number}-section": section, f"items-{number}-text": text})
    office.hand.press("审核")
    return receipt_of(office)


# 1.2.2 评审方案呈报


def report_plan(office: Somebody, name: str, opens_on: date, seats: int) -> str:
    return new(
        office,
        "/g/1.2.2/",
        "新增",
        {
            "name": name,
            "mode": "offline",
            "opens_on": opens_on.isoformat(),
            "closes_on": opens_on.isoformat(),
            "place": "长沙市芙蓉宾馆",
            "seats": str(seats),
            "over_cap": "rank",
            "pick": "all",
        },
    )


def agree_plan(hrss: Somebody, name: str) -> str:
    return act(hrss, "/g/1.2.2/waiting", [name], "审核", decision="agree")


# 1.2.5 评审结果


def enter_result(
    office: Somebody, plan: str, voted_on: date, present: int, votes: list[tuple[int, int, int]]
) -> str:
    """录入: the figures of the meeting and (yes, no, abstained) for each candidate in the sheet's order."""
    prepare_act(office, "/g/1.2.5/", [plan], "录入")
    answers: dict[str, Any] = {
        "members": "11",
        "present": str(present),
        "voted_on": voted_on.isoformat(),
        "scan": File("评审结果表.pdf", pdf()),
    }
    for row, counted in enumerate(votes):
        for name, count in zip(("yes", "no", "abstain"), counted, strict=True):
            answers[f"votes-{row}-{name}"] = str(count)
    office.hand.fill(answers)
    office.hand.press("录入")
    return receipt_of(office)


def confirm_result(office: Somebody, plan: str) -> str:
    return act(office, "/g/1.2.5/", [plan], "复核", decision="confirm")


# 1.2.6 评审结果公示


def publish_result(office: Somebody, plan: str, title: str, starts_on: date) -> str:
    return new(
        office,
        "/g/1.2.6/",
        "公示",
        {
            "plan_id": plan,
            "title": title,
            "place": "评委会组建单位网站",
            "contact": "评委会办公室",
            "phone": "0731-87654321",
            "starts_on": starts_on.isoformat(),
        },
    )


# 1.2.7 评审结果申请备案


def file_result(office: Somebody, plan: str, number: str) -> str:
    return new(
        office,
        "/g/1.2.7/",
        "备案",
        {
            "plan_id": plan,
            "document_number": number,
            "summary": "按规定程序投票表决，结果已公示，无异议。",
            "minutes": File("会议纪要.pdf", pdf()),
            "notice_proof": File("公示证明.pdf", pdf()),
        },
    )


def agree_filing(hrss: Somebody, number: str, approval: str) -> str:
    return act(hrss, "/g/1.2.7/", [number], "审核", decision="agree", approval_number=approval)


# 公众查询, 1.7.1 证书查询


def read_public_notice(anybody: Somebody, title: str) -> None:
    anybody.go("/public/notices/").press(title)


def own_certificate(person: Somebody) -> str:
    """Open 我的证书, read the PDF, and return the number."""
    hand = person.go("/me/certificates/")
    assert hand.download("PDF").startswith(b"%PDF")
    found = re.search(r"\b\d{9,11} \d{4} \d{5} [0-9A-Z]\b", hand.text)
    assert found, hand.text
    return found[0]


def verification_path(person: Somebody) -> str:
    """Return the address the QR code of the person's certificate leads to."""
    hand = person.go("/me/certificates/")
    hand.press("查验页面")
    return hand.path


def verify(anybody: Somebody, number: str, name: str) -> None:
    hand = anybody.go("/public/certificates/")
    hand.fill({"number": number, "name": name})
    hand.press("查询")
