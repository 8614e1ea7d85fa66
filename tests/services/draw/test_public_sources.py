"""Values of public sources have one spelling per kind; anything else is refused with an example."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enums import PublicSource
from app.services.draw import draw_rules, public_sources
from app.validators import Invalid

SAME = {
    PublicSource.SSQ: (
        "03 08 17 22 26 31 + 12", "3,8,17,22,26,31|12", "３１ ２６ ２２ １７ ０８ ０３＋１２", "03、08、17、22、26、31-12", "03081722263112",
        "030817222631+12",
    ),
    PublicSource.DLT: ("04 11 19 23 35 + 02 09", "35 23 19 11 4 9 2", "04111923350209"),
    PublicSource.FC3D: ("5 0 7", "507", "５０７", " 5,0,7 "),
    PublicSource.PL3: ("2 9 4", "294"),
    PublicSource.PL5: ("2 9 4 0 6", "29406"),
    PublicSource.SSE: ("3412.07", "3,412.07", "３４１２．０７"),
    PublicSource.SZSE: ("11086.93", "11,086.93"),
}  # fmt: skip
WRONG = {
    PublicSource.SSQ: (
        "", "03 08 17 22 26 31", "03 08 17 22 26 34 + 12", "03 08 17 22 26 31 + 17", "03 03 17 22 26 31 + 12",
        "00 08 17 22 26 31 + 12", "03 08 17 22 26 31 + 12 + 1", "3 8 17 22 26 31 + twelve", "0308172226311", "-3 8 17 22 26 31 + 0",
    ),
    PublicSource.DLT: ("04 11 19 23 36 + 02 09", "04 11 19 23 35 + 02 13", "04 11 19 23 35 + 02 02"),
    PublicSource.FC3D: ("50", "5071", "5.7", "abc", "五零七"),
    PublicSource.PL3: ("29", "2940"),
    PublicSource.PL5: ("2940", "294061", "29406.0"),
    PublicSource.SSE: ("3412", "3412.7", "3412.071", "03412.07", "34.1", "-3412.07"),
    PublicSource.SZSE: ("11086", "11086.9"),
}  # fmt: skip


def test_every_kind_has_a_form_and_its_example_fits() -> None:
    assert set(public_sources.FORMS) == set(PublicSource) == set(SAME) == set(WRONG)
    for kind, form in public_sources.FORMS.items():
        assert public_sources.canonical(kind, form.example) == public_sources.canonical(
            kind, SAME[kind][0]
        )


@pytest.mark.parametrize("kind", PublicSource)
def test_spellings_of_one_value_are_one_value(kind: PublicSource) -> None:
    found = {public_sources.canonical(kind, typed) for typed in SAME[kind]}

    assert len(found) == 1
    assert found == {draw_rules.normalise_public_value(one) for one in found}


@pytest.mark.parametrize("kind", PublicSource)
def test_other_values_are_refused_with_an_example(kind: PublicSource) -> None:
    for typed in WRONG[kind]:
        with pytest.raises(Invalid) as refused:
            public_sources.canonical(kind, typed)
        assert public_sources.FORMS[kind].example in str(refused.value)


@given(st.sampled_from(PublicSource), st.text(max_size=30))
def test_any_text_has_the_fixed_form_or_is_refused(kind: PublicSource, typed: str) -> None:
    try:
        value = public_sources.canonical(kind, typed)
    except Invalid:
        return

    assert value.isascii()
    assert value.isdigit()
