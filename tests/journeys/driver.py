"""The steps of the operating guide, one function each: who does it, under which menu, with which buttons.

Everything goes through `Hand`, so that the same steps run over plain HTTP and in Chromium.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from tests.journeys.hands import File, Found
from tests.journeys.stage import Somebody
from tests.services.dossiers import pdf
from tests.support.pressing import LEADER

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


def new(
    who: Somebody, menu: str, button: str, answers: Mapping[str, Any], verb: str = "保存"
) -> str:
    """新增 → 保存, and return the receipt."""
    hand = who.go(menu)
    hand.press(button)
    hand.fill(answers)
    hand.press(verb)
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


# 1.1.1 所在单位申报公示


def check(unit: Somebody, names: Iterable[str]) -> str:
    """Pass the first check: one person section by section, several with the one tick for all."""
    chosen = list(names)
    prepare_act(unit, "/g/1.1.1/check/", chosen, "审核", decision="审核通过", **LEADER)
    ticks = [name for name in unit.hand.names("checks-") if name.endswith("-is_checked")]
    assert bool(ticks) == (len(chosen) == 1)
    unit.hand.fill(dict.fromkeys(ticks or ["is_each_checked"], True))
    unit.hand.press("审核")
    return receipt_of(unit)


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
        **LEADER,
    )


def report_from_case(unit: Somebody, name: str) -> str:
    """Report one person from the page of the case, where a question asks before the press counts."""
    hand = unit.go("/g/1.1.2/")
    hand.press("查看")
    assert name in hand.text
    answers = {"recommendation": "同意推荐。", "proof": File("公示证明.pdf", pdf()), **LEADER}
    hand.fill(answers, within="act-report")
    hand.press("上报", within="act-report")
    return receipt_of(unit)


def pass_on(superior: Somebody, names: Iterable[str]) -> str:
    return act(superior, "/g/1.1.3/", names, "审核", decision="审核通过", **LEADER)


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
        **LEADER,
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
    return act(office, "/g/1.2.1/", names, "审核", decision="office_pass", **LEADER)


def ask_supplement(office: Somebody, name: str, opinion: str, items: Mapping[str, str]) -> str:
    answers = {"decision": "ask_correction", "opinion": opinion, **LEADER}
    prepare_act(office, "/g/1.2.1/", [name], "审核", **answers)
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
        "opinions_signed": True,
        "opinions": File("评议意见.pdf", pdf()),
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
