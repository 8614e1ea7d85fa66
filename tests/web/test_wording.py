"""Words are translated from the catalogue of the request, in code, in templates and in lazy labels alike."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, render_template_string, session
from flask_babel import force_locale, gettext, lazy_gettext, ngettext, pgettext, refresh

from app.ground import in_force
from app.services.imports.languages import in_every_language
from app.web import wording
from tests.support.words import cell, chinese


def shown(template: str, **values: object) -> str:
    return render_template_string(template, **values)


def test_word_is_translated_in_code_and_templates(app: Flask) -> None:
    with app.test_request_context("/"):
        assert gettext("Search") == "查询"
        assert str(lazy_gettext("Search")) == "查询"
        assert shown("{{ _('Search') }} {{ gettext('Search') }}") == "查询 查询"


def test_language_forced_for_a_while_ends_with_it(app: Flask) -> None:
    with app.test_request_context("/"):
        before = gettext("Search")
        with force_locale("en"):
            within = gettext("Search"), shown("{{ _('Search') }}")
        after = gettext("Search")

    assert (before, within, after) == ("查询", ("Search", "Search"), "查询")


def test_refreshed_language_is_read_anew(app: Flask) -> None:
    with app.test_request_context("/"):
        before = gettext("Search")
        session["locale"] = "en"
        refresh()

        assert (before, gettext("Search")) == ("查询", "Search")


def test_requests_in_two_languages_keep_apart(app: Flask) -> None:
    client = app.test_client()

    chinese = client.get("/public/notices/").text
    client.get("/language/en")
    english = client.get("/public/notices/").text

    assert '<html lang="zh-Hans-CN">' in chinese
    assert '<html lang="en">' in english
    assert "Server time" not in chinese
    assert "Server time" in english


def test_word_in_a_template_is_safe_and_its_values_are_escaped(app: Flask) -> None:
    with app.test_request_context("/"), force_locale("en"):
        assert shown("{{ _('<b>%(name)s</b>', name=name) }}", name="<i>") == "<b>&lt;i&gt;</b>"
        assert shown("{{ _('100%% of it') }}") == "100% of it"


def test_text_file_gets_its_words_as_they_are(app: Flask) -> None:
    source = "{% autoescape false %}{{ _('%(name)s', name='<i>') }}{% endautoescape %}"
    with app.test_request_context("/"):
        assert shown(source) == "<i>"


def test_word_outside_of_an_application_stays_english() -> None:
    assert gettext("Search") == "Search"


def test_compiled_catalogue_is_loaded_anew(app: Flask) -> None:
    with app.test_request_context("/"):
        gettext("Search")
        loaded = wording.MESSAGES.get_translations()

        wording.reload()

        assert wording.MESSAGES.get_translations() is not loaded
        assert gettext("Search") == "查询"


# words that administrators changed


@contextmanager
def with_words(values: dict[in_force.Cell, object]) -> Iterator[None]:
    in_force.put({"words": values}, None, "some stamp")
    try:
        yield
    finally:
        in_force.forget()


def test_changed_word_stands_in_code_templates_and_lazy_labels_of_its_language(app: Flask) -> None:
    with app.test_request_context("/"), with_words({chinese("Search"): "找"}):
        assert gettext("Search") == "找"
        assert str(lazy_gettext("Search")) == "找"
        assert shown("{{ _('Search') }} {{ gettext('Search') }}") == "找 找"
        with force_locale("en"):
            assert gettext("Search") == "Search"
        assert gettext("Search") == "找"


def test_changed_word_of_english_stands_there_alone(app: Flask) -> None:
    with app.test_request_context("/"), with_words({cell("Search"): "Look up"}):
        with force_locale("en"):
            assert gettext("Search") == "Look up"
            assert gettext("Report") == "Report"
        assert gettext("Search") == "查询"


def test_changed_word_takes_context_count_and_values(app: Flask) -> None:
    counted = "%(num)s change collected in your draft; nothing holds yet."
    many = "%(num)s changes collected in your draft; nothing holds yet."
    values: dict[in_force.Cell, object] = {
        cell("Everybody", context="scope"): "All people",
        cell(counted): ["only %(num)s", "%(num)s of them"],
        chinese(counted): "收了%(num)s项",
    }
    with app.test_request_context("/"), with_words(values):
        with force_locale("en"):
            assert pgettext("scope", "Everybody") == "All people"
            assert [ngettext(counted, many, n) for n in (1, 2)] == ["only 1", "2 of them"]
        assert ngettext(counted, many, 2) == "收了2项"


def test_change_holds_from_the_moment_it_is_put_and_no_longer(app: Flask) -> None:
    with app.test_request_context("/"):
        before = gettext("Search")
        with with_words({chinese("Search"): "找"}):
            first = gettext("Search")
            in_force.put({"words": {chinese("Search"): "搜"}}, None, "some stamp")
            second = gettext("Search")
        assert (before, first, second, gettext("Search")) == ("查询", "找", "搜", "查询")


def test_paper_that_is_signed_keeps_the_words_of_the_program(app: Flask) -> None:
    with (
        app.test_request_context("/"),
        with_words({chinese("Search"): "找", cell("Search"): "Seek"}),
    ):
        with in_force.in_program_words():
            within = [gettext("Search")]
            with force_locale("en"):
                within.append(gettext("Search"))
            within.append(gettext("Search"))
        assert within == ["查询", "Search", "查询"]
        assert gettext("Search") == "找"


def test_heading_is_read_as_it_is_now_and_as_it_came_with_the_program(app: Flask) -> None:
    with app.test_request_context("/"), with_words({chinese("Search"): "找"}):
        found = in_every_language(lambda: gettext("Search"))

    assert sorted(set(found)) == ["Search", "找", "查询"]
