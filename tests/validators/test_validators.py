"""Formats of single values, with the synthetic numbers of a region that does not exist (430099)."""

from datetime import date, time, timedelta

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import assume, given
from hypothesis import strategies as st

from app import validators
from app.enums import IdKind, Sex
from app.validators import Invalid, characters, dates, texts, web_tags
from app.validators.credit import ALPHABET, credit_check, organisation_check
from app.validators.identity import age_on, id_check

ENGLISH = Flask(__name__)
Babel(ENGLISH, default_locale="en")
TODAY = date(2026, 11, 20)
RESIDENTS = [
    ("430099198503071010", date(1985, 3, 7), Sex.MALE),
    ("430099197911231023", date(1979, 11, 23), Sex.FEMALE),
    ("43009919920101105X", date(1992, 1, 1), Sex.MALE),
    ("43009919881212004X", date(1988, 12, 12), Sex.FEMALE),
]
CREDIT_CODES = [
    "12430000MB00000192",
    "91430100MAC0000174",
    "52430000MJ00000189",
    "N2430102MF00000134",
    "12430000MB00000860",
]


def resident(value: str, **facts: object) -> str:
    return validators.id_number(IdKind.RESIDENT, value, today=TODAY, **facts)  # type: ignore[arg-type]  # facts of any kind


def numbered(first17: str) -> str:
    return first17 + id_check(first17)


def refusal(check: object, *args: object, **kwargs: object) -> str:
    with pytest.raises(Invalid) as caught:
        check(*args, **kwargs)  # type: ignore[operator]  # any validator
    with ENGLISH.app_context():
        return str(caught.value)


births = st.dates(min_value=date(1927, 1, 1), max_value=date(2010, 11, 20))
numbers = st.builds(
    lambda area, birth, sequence: numbered(f"{area:06}{birth:%Y%m%d}{sequence:03}"),
    st.integers(110000, 830000),
    births,
    st.integers(0, 999),
)
codes = st.builds(
    lambda department, kind, region, organisation: _coded(
        f"{department}{kind}{region:06}{organisation}"
    ),
    st.sampled_from(ALPHABET),
    st.sampled_from(ALPHABET),
    st.integers(110000, 659999),
    st.text(ALPHABET, min_size=8, max_size=8),
)


def _coded(first16: str) -> str:
    first17 = first16 + organisation_check(first16[8:])
    return first17 + credit_check(first17)


# --- ID numbers


@pytest.mark.parametrize(("number", "birth", "sex"), RESIDENTS)
def test_resident_number_is_accepted_and_read(number: str, birth: date, sex: Sex) -> None:
    assert resident(number, sex=sex, birth=birth) == number
    assert validators.birth_of(number) == birth
    assert validators.sex_of(number) == sex


@pytest.mark.parametrize(
    "typed", [" 43009919920101105x\n", "４３００９９１９９２０１０１１０５Ｘ", "43009919920101105X"]
)
def test_resident_number_is_normalised(typed: str) -> None:
    assert resident(typed) == "43009919920101105X"


@given(numbers)
def test_resident_number_generated_is_accepted(number: str) -> None:
    assert resident(number) == number


@given(numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_resident_number_with_one_changed_character_is_refused(
    number: str, place: int, other: str
) -> None:
    assume(number[place] != other)

    assert refusal(resident, number[:place] + other + number[place + 1 :])


@given(st.text(max_size=25))
def test_resident_number_of_any_text_is_accepted_or_refused_but_never_breaks(text: str) -> None:
    for kind in IdKind:
        try:
            cleaned = validators.id_number(kind, text, today=TODAY)
        except Invalid:
            continue
        assert validators.id_number(kind, cleaned, today=TODAY) == cleaned


def test_resident_number_of_an_abolished_area_is_accepted() -> None:
    assert resident(numbered("43060219700101001"))
    assert resident(numbered("99999919700101001"))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter the ID number."),
        ("   ", "Enter the ID number."),
        ("430099850307101", "old 15-digit number"),
        ("43009919850307101", "has 17 characters instead of 18"),
        ("4300991985030710100", "has 19 characters instead of 18"),
        ("43009919850307101O", "Character 18 of the ID number is “O”"),
        ("4300991985O3071010", "Character 11 of the ID number is “O”"),
        ("4300991985X3071010", "Character 11 of the ID number is “X”"),
        ("43009919850307101٣", "Character 18 of the ID number is “٣”"),
        ("430099198502301010", "birth date 19850230, which does not exist"),
        ("430099000001011010", "birth date 00000101, which does not exist"),
        (numbered("43009920990101101"), "2099-01-01, which lies in the future"),
        ("430099198503071011", "last character of the ID number does not match"),
        (numbered("43009920101121101"), "the age is 15"),
        (numbered("43009919251120101"), "the age is 101"),
    ],
)
def test_resident_number_refusal_names_what_is_wrong(typed: str, words: str) -> None:
    assert words in refusal(resident, typed)


def test_resident_number_age_is_reached_on_the_birthday() -> None:
    assert resident(numbered("43009920101120101"))
    assert resident(numbered("43009919260101101"))


def test_resident_number_must_agree_with_sex_and_birth() -> None:
    number = "430099198503071010"

    assert "Digit 17" in refusal(resident, number, sex=Sex.FEMALE)
    assert "(1985-03-08)" in refusal(resident, number, birth=date(1985, 3, 8))


@given(births)
def test_age_on_counts_full_years(birth: date) -> None:
    age = age_on(birth, TODAY)

    assert (TODAY - birth) // timedelta(days=366) <= age <= (TODAY - birth) // timedelta(days=365)


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        (IdKind.HMT_RESIDENCE, numbered("81000019850307101"), numbered("81000019850307101")),
        (IdKind.HMT_PASS, "h12345678", "H12345678"),
        (IdKind.HMT_PASS, "M1234567801", "M1234567801"),
        (IdKind.HMT_PASS, "12345678", "12345678"),
        (IdKind.HMT_PASS, "1234567890（b）", "1234567890(B)"),
        (IdKind.FOREIGN_RESIDENCE, "usa110085030712", "USA110085030712"),
        (IdKind.FOREIGN_RESIDENCE, numbered("94315619850307101"), numbered("94315619850307101")),
        (IdKind.PASSPORT, " e12345678 ", "E12345678"),
    ],
)
def test_other_id_kinds_are_accepted(kind: IdKind, typed: str, stored: str) -> None:
    assert validators.id_number(kind, typed, today=TODAY) == stored


@pytest.mark.parametrize(
    ("kind", "typed", "words"),
    [
        (IdKind.HMT_RESIDENCE, "430099198503071010", "begins with 81, 82 or 83"),
        (IdKind.HMT_RESIDENCE, "810000198503071010", "last character"),
        (IdKind.HMT_PASS, "A12345678", "H or M and 8 digits"),
        (IdKind.FOREIGN_RESIDENCE, "430099198503071010", "beginning with 9"),
        (IdKind.FOREIGN_RESIDENCE, "94315619850307101", "instead of 18"),
        (IdKind.PASSPORT, "E1234/5678", "5 to 17 letters and digits"),
        (IdKind.PASSPORT, "ABCDEFG", "at least one digit"),
        (IdKind.PASSPORT, "", "Enter the ID number."),
    ],
)
def test_other_id_kinds_are_refused(kind: IdKind, typed: str, words: str) -> None:
    assert words in refusal(validators.id_number, kind, typed, today=TODAY)


def test_sex_and_birth_are_unknown_for_other_numbers() -> None:
    assert validators.birth_of("E12345678") is None
    assert validators.sex_of("E12345678") is None
    assert validators.birth_of("430099198502301010") is None


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("43009919920101105X", "4300**********105X"),
        ("E12345678", "E1*****78"),
        ("12345", "1***5"),
        ("12", "**"),
        ("", ""),
    ],
)
def test_mask_id_shows_the_ends_only(number: str, masked: str) -> None:
    assert validators.mask_id(number) == masked


# --- Credit codes


@pytest.mark.parametrize("code", CREDIT_CODES)
def test_credit_code_is_accepted(code: str) -> None:
    assert validators.credit_code(f" {code.lower()} ") == code


@given(codes)
def test_credit_code_generated_is_accepted(code: str) -> None:
    assert validators.credit_code(code) == code


@given(codes, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_credit_code_with_one_changed_character_is_refused(
    code: str, place: int, other: str
) -> None:
    assume(code[place] != other)

    assert refusal(validators.credit_code, code[:place] + other + code[place + 1 :])


def test_credit_code_check_character_zero_is_accepted() -> None:
    assert validators.credit_code("12430000MB00000860")[-1] == "0"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "has 0 characters instead of 18"),
        ("12430000MB0000019", "has 17 characters instead of 18"),
        ("12430000MI00000192", "Character 10 of the credit code is “I”"),
        ("1243000AMB00000192", "Character 8 of the credit code is “A”"),
        ("12430000MB00000182", "organisation code"),
        ("124300004448870040", "organisation code"),
        ("12430000MB00000193", "last character of the credit code"),
    ],
)
def test_credit_code_refusal_names_what_is_wrong(typed: str, words: str) -> None:
    assert words in refusal(validators.credit_code, typed)


# --- Telephone


@pytest.mark.parametrize(
    "typed",
    [
        "13800000000",
        " 138 0000 0000",
        "138-0000-0000",
        "+86 13800000000",
        "8613800000000",
        "１３８００００００００",
    ],
)
def test_phone_is_normalised(typed: str) -> None:
    assert validators.phone(typed) == "13800000000"


@pytest.mark.parametrize(
    "typed", ["", "1380000000", "138000000000", "12800000000", "0731-8222222", "1380000000a"]
)
def test_phone_is_refused(typed: str) -> None:
    assert "11 digits" in refusal(validators.phone, typed)


# --- Texts


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" 长沙市一医院\u3000\n", "长沙市一医院"),
        ("ＡＢ１２", "AB12"),
        ("（甲），“乙”：丙；", "（甲），“乙”：丙；"),
        ("10²㎡①…", "10²㎡①…"),
        ("⼀⼆", "一二"),
        ("e\u0301", "é"),
        ("p < 0.05, a<b", "p < 0.05, a<b"),
        ("葛\U000e0100城", "葛城"),
        ("❤\ufe0f、祇\ufe00", "❤、祇"),
        ("龍\U000e01ef", "龍"),
        ("\ue863、\ue843、\ue864", "䶮、龹、龻"),
        ("\ue7c7\ue7c8", "ḿǹ"),
        ("甲\ue5e5乙", "甲 乙"),
        ("\uf0b7 第一\uf0d8", "• 第一➢"),
        ("𠮷😀", "𠮷😀"),
        ("", ""),
    ],
)
def test_text_folds_what_only_looks_different(typed: str, stored: str) -> None:
    assert validators.text(typed, max_length=20) == stored


def test_text_keeps_line_breaks_only_when_multiline() -> None:
    assert validators.text("一\r\n二\r三", max_length=9, multiline=True) == "一\n二\n三"
    assert "(U+000A)" in refusal(validators.text, "一\n二", max_length=9)


@pytest.mark.parametrize(
    "unseen",
    [
        "\u200b",
        "\u202e",
        "\ufeff",
        "\u2028",
        "\x00",
        "\t",
        "\x7f",
        "\u00ad",
        "\u3164",
        "\ud800",
        "\uffff",
    ],
)
def test_text_refuses_what_cannot_be_seen(unseen: str) -> None:
    sentence = refusal(validators.text, f"甲{unseen}乙", max_length=9, multiline=True)

    assert f"Character 2 cannot be seen (U+{ord(unseen):04X})" in sentence


@pytest.mark.parametrize("private", ["\ue000", "\uf8ff", "\ue865", "\U000f0001", "\U0010fffd"])
def test_text_refuses_private_characters_and_says_how_to_write_them(private: str) -> None:
    sentence = refusal(validators.text, f"王{private}", max_length=9)

    assert f"Character 2 (U+{ord(private):04X}) is a private code" in sentence
    assert "by hand or by its parts" in sentence
    assert sentence == refusal(validators.person_name, f"王{private}")


def test_private_components_are_those_of_the_standard() -> None:
    seconds = [*range(0x50, 0x7F), *range(0x80, 0xA1)]
    decoded = [bytes((0xFE, second)).decode("gb18030") for second in seconds]

    # Python's table is that of 2000, in which fourteen of them still have no code point of their own
    known = [
        (characters.STANDARD[0xE815 + place], one)
        for place, one in enumerate(decoded)
        if not 0xE000 <= ord(one) <= 0xF8FF
    ]
    assert len(known) == 66
    assert all(mapped == one for mapped, one in known)
    later = [c for c in characters.COMPONENTS if c not in decoded]
    assert "".join(later) == "𠂇𠂉𠃌龴龵龶龷𡗗龸𢦏龹龺𤇾龻"


TAGS = [
    "<script>", "</b>", "<img src=x onerror=1>", "<!--", "<script ", "<br>", "<br / >", "<p class='x'>", "<b>", "<td nowrap>",
    "<o:p></o:p>", "<svg/onload=alert(1)>", "<FONT COLOR=red>", "<!DOCTYPE html>", "H<sub>2</sub>O", "x<i>y</i>",
]  # fmt: skip


@pytest.mark.parametrize("tag", TAGS)
def test_text_refuses_html(tag: str) -> None:
    assert "mark of a web page" in refusal(validators.text, f"甲{tag}乙", max_length=99)


@pytest.mark.parametrize(
    "typed",
    [
        "a<b 且 c>d",
        "x<y，p<0.05>",
        "<5 岁",
        "若 a<b>c 则不成立",
        "n<i and j>k",
        "List<String>",
        "Map<K, V>",
        "《<论文题目>》",
        "<name@example.com>",
        "q<p 或 s>t",
        "1<a, b>2",
        "<10 mg/L>",
    ],
)
def test_a_comparison_is_no_mark_of_a_web_page(typed: str) -> None:
    assert validators.text(typed, max_length=40) == typed


@given(st.text("<>abip/= \"'x1", max_size=300))
def test_any_mixture_of_brackets_is_judged(typed: str) -> None:
    assert web_tags.web_tag(typed) in typed


def test_long_texts_full_of_brackets_are_judged_at_once() -> None:
    hostile = ["<b" + " x=a/open" * 2000 + " !>", "<b " * 5000, "<a " + 'x="' * 5000 + ">"]

    assert [web_tags.web_tag(one) for one in hostile] == ["", "", ""]


def test_text_length_counts_characters_not_bytes() -> None:
    assert validators.text("𠮷" * 5000, max_length=5000) == "𠮷" * 5000
    assert "Shorten it by 1." in refusal(validators.text, "字" * 5001, max_length=5000)
    assert "at least 3" in refusal(validators.text, "字字", max_length=9, min_length=3)
    assert refusal(validators.text, "  ", max_length=9, min_length=3) == "Fill in this field."


@given(st.text(max_size=40))
def test_text_accepted_is_accepted_again_unchanged(typed: str) -> None:
    try:
        stored = validators.text(typed, max_length=40, multiline=True)
    except Invalid:
        return

    assert validators.text(stored, max_length=40, multiline=True) == stored


# --- Names


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" 张三 ", "张三"),
        ("张\u3000三", "张三"),
        ("阿卜杜•买买提", "阿卜杜·买买提"),
        ("阿卜杜・买买提", "阿卜杜·买买提"),
        ("阿卜杜．买买提", "阿卜杜·买买提"),
        ("阿卜杜.买买提", "阿卜杜·买买提"),
        ("阿卜杜 · 买买提", "阿卜杜·买买提"),
        ("𠮷田〇", "𠮷田〇"),
        ("李\U00031350", "李\U00031350"),
        ("Ｊohn F. O’Brien-Smith", "John F. O'Brien-Smith"),
        ("葛\U000e0101城", "葛城"),
        ("刘\ue863", "刘䶮"),
        ("\ue844山", "䜣山"),
        ("张\ue5e5三", "张三"),
        ("阿依古丽‧买买提", "阿依古丽·买买提"),
    ],
)
def test_person_name_is_normalised(typed: str, stored: str) -> None:
    assert validators.person_name(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "张",
        "张3",
        "张三<b>",
        "<script>",
        "张\u200b三",
        "·张三",
        "张三·",
        "张··三",
        "张三😀",
        "张，三",
        "字" * 51,
        "张_三",
    ],
)
def test_person_name_is_refused(typed: str) -> None:
    assert refusal(validators.person_name, typed)


# --- Search


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("张 三", "张三"),
        ("张\u3000三", "张三"),
        ("阿依古丽 • 买买提", "阿依古丽·买买提"),
        ("阿依古丽‧买买提", "阿依古丽·买买提"),
        ("葛\U000e0100城", "葛城"),
        ("４３０１", "4301"),
        ("4301 0219 9003 0712 3x", "43010219900307123X"),
        ("138-0000-0000", "13800000000"),
        ("9143 0000 ma4l", "91430000MA4L"),
        ("ＡＢＣ公司", "ABC公司"),
    ],
)
def test_a_search_looks_for_what_is_stored(typed: str, found: str) -> None:
    assert found in characters.spellings(typed)


@pytest.mark.parametrize("typed", ["向若溪", "2026000001182", "%", "_", "长沙"])
def test_an_ordinary_search_has_one_spelling(typed: str) -> None:
    assert characters.spellings(typed) == [typed]


@given(st.text(max_size=30))
def test_what_entry_stores_is_among_the_spellings(typed: str) -> None:
    for check in (lambda one: validators.text(one, max_length=30), validators.person_name):
        try:
            stored = check(typed)
        except Invalid:
            continue
        assert not stored or stored in characters.spellings(typed)


# --- Reasons


def test_reason_is_kept_as_typed() -> None:
    typed = " 第2项论文缺封面、目录，请补交。\r\n另：聘书过期。"

    assert validators.reason(typed) == "第2项论文缺封面、目录，请补交。\n另：聘书过期。"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter the reason"),
        (" \n ", "Enter the reason"),
        ("-", "Enter the reason"),
        ("/", "Enter the reason"),
        ("。。。。。", "Enter the reason"),
        ("无", "not a reason"),
        ("无。", "not a reason"),
        ("同意", "not a reason"),
        ("审核不通过！", "not a reason"),
        ("N/A", "not a reason"),
        ("None.", "not a reason"),
        ("11111", "not a reason"),
        ("1", "not a reason"),
        ("2026-05-01", "not a reason"),
        ("没有问题", "not a reason"),
        ("不符合", "not a reason"),
        ("经审核，不符合申报条件。", "not a reason"),
        ("按有关政策文件规定办理", "not a reason"),
        ("无异议", "not a reason"),
        ("同意通过！！！", "not a reason"),
        ("哈哈哈哈哈哈", "not a reason"),
        ("不行不行不行", "not a reason"),
        ("甲乙丙丁甲乙丙丁", "not a reason"),
        ("not agreed", "not a reason"),
        ("……", "Enter the reason"),
        ("缺论文", "at least 4 characters"),
    ],
)
def test_reason_that_says_nothing_is_refused(typed: str, words: str) -> None:
    assert words in refusal(validators.reason, typed)


@pytest.mark.parametrize(
    "typed",
    ["没有论文", "学历不符合要求", "不符合规定：缺聘书", "材料不全", "与事实不符", "业绩不足"],
)
def test_short_reason_that_says_something_is_taken(typed: str) -> None:
    assert validators.reason(typed) == typed


def test_long_text_of_empty_words_takes_no_long_search() -> None:
    assert texts.says_nothing("没有不予" * 250)
    assert not texts.says_nothing("没有不予" * 250 + "论文")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("09:00", time(9)),
        ("9:05", time(9, 5)),
        ("23：59", time(23, 59)),
        (" 00:00 ", time(0)),
        ("0930", time(9, 30)),
        ("930", time(9, 30)),
        ("9点", time(9)),
        ("９点半", time(9, 30)),
        ("9时5分", time(9, 5)),
        ("16 点 30", time(16, 30)),
        ("下午2:30", time(14, 30)),
        ("上午9点", time(9)),
        ("晚上8点半", time(20, 30)),
        ("中午12点", time(12)),
        ("中午11点半", time(11, 30)),
        ("中午1点", time(13)),
        ("下午16:30", time(16, 30)),
    ],
)
def test_time_of_day_is_read(typed: str, expected: time) -> None:
    assert dates.time_of_day(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "24:00",
        "09:60",
        "9",
        "25",
        "2460",
        "9点60",
        "下午",
        "点半",
        "9.30",
        "-1:00",
        "09:00:00",
        "٠٩:٠٠",
    ],
)
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(Invalid, match="is no time"):
        dates.time_of_day(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "1985-06-01", "1985-6-1", "1985/6/1", "1985.6.1", "1985.06.01", "1985年6月1日", "1985年06月01号", "1985年6月1", "19850601",
        " 1985 年 6 月 1 日 ", "１９８５／６／１", "1985－6－1", "1985—6—1", "1985-06-01 00:00:00", "1985/6/1 0:00",
        "1985-06-01T00:00:00.000",
    ],
)  # fmt: skip
def test_day_is_read_as_it_is_usually_written(typed: str) -> None:
    assert dates.day(typed) == date(1985, 6, 1)


@pytest.mark.parametrize(
    "typed",
    [
        "", "1985.6", "1985年6月", "85-6-1", "850601", "6/1/1985", "1985-6/1", "1985年6-1", "1985-13-1", "1985-2-30", "1899-1-1",
        "2101-1-1", "1985-6-1 1", "1985 0601", "1985-06-01 09:30", "1985-6-1日", "٣٠٠٠-١-١",
    ],
)  # fmt: skip
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(validators.Invalid, match="is no day"):
        dates.day(typed)


@pytest.mark.parametrize(
    ("typed", "month"),
    [
        ("2015-09", "2015-09"), ("2015.9", "2015-09"), ("2015/9", "2015-09"), ("2015年9月", "2015-09"), ("2015 年 9 月份", "2015-09"),
        ("201509", "2015-09"), ("２０１５．９", "2015-09"), ("2015.10", "2015-10"), ("2015.1", "2015-01"), ("2015—12", "2015-12"),
    ],
)  # fmt: skip
def test_month_is_read_as_it_is_usually_written(typed: str, month: str) -> None:
    assert dates.month(typed) == month


@pytest.mark.parametrize(
    "typed", ["", "2015", "2015年", "2015.13", "2015.0", "15.9", "20159", "2015-09-01", "9/2015", "2015 9", "2101-01"]
)  # fmt: skip
def test_what_is_no_month_is_refused(typed: str) -> None:
    with pytest.raises(validators.Invalid, match="is no month"):
        dates.month(typed)
