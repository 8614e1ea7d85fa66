"""Words are translated from the catalogue of the request, in code, in templates and in lazy labels alike."""

from flask import Flask, render_template_string, session
from flask_babel import force_locale, gettext, lazy_gettext, refresh

from app.web import wording


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
