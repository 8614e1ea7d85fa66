"""A hand that moves Chromium: real pages, real clicks, and a look at every page it comes to."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    ElementHandle,
    FilePayload,
    Locator,
    Page,
    Request,
)

from tests.browser import pictures
from tests.journeys.hands import File, Found
from tests.support.signing import PASSWORD

EXECUTABLES = (
    "/usr/bin/chromium-headless-shell",
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
)
"""The first that is installed is used; the one without a window is the lightest."""
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    # nothing but the processor draws here; Debian's Chromium would imitate a graphics card on it
    "--disable-gpu-rasterization",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
"""No name resolves and no other address is reached: what a page asks for elsewhere is noted and fails."""
DESKTOP, PHONE = (1366, 768), (360, 740)
PATIENCE = 60_000
"""Milliseconds after which something that is waited for will not come; far longer than it ever takes."""
REFUSED_FORM = re.compile(
    r"Failed to load resource: the server responded with a status of (404|422)"
)
"""Chromium notes a page that answers so as an error of its console; here it is a refusal that was asked for."""
MEDIA = {
    "json": "application/json",
    "pdf": "application/pdf",
    "png": "image/png",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

FIND_PRESSED = """([within, label]) => {
  const place = within ? document.getElementById(within) : document.querySelector('main');
  const fold = place.closest('details:not([open])');
  if (fold) fold.open = true;
  const words = node => {
    const copy = node.cloneNode(true);
    copy.querySelectorAll('[aria-hidden=true], kbd').forEach(part => part.remove());
    return copy.textContent.replace(/\\s+/g, ' ').trim();
  };
  const seen = [...place.querySelectorAll('button, a')].filter(node => node.checkVisibility());
  seen.sort((a, b) => b.classList.contains('btn') - a.classList.contains('btn'));
  return seen.find(node => words(node) === label) || seen.find(node => words(node).includes(label));
}"""
FIND_FORM = """([within, names]) => {
  const place = within ? document.getElementById(within) : document.querySelector('main');
  const find = (form, name) => [...form.querySelectorAll(`[name="${name}"]`)];
  const form = [...place.querySelectorAll('form')].find(form => names.every(name => find(form, name).length));
  if (!form) return null;
  document.querySelectorAll('[data-in-hand]').forEach(other => other.removeAttribute('data-in-hand'));
  form.setAttribute('data-in-hand', '');
  const words = node => node ? node.textContent.replace(/\\s+/g, ' ').trim() : '';
  return names.map(name => {
    const fields = find(form, name);
    const offered = fields[0].tagName === 'SELECT' ? [...fields[0].options] : fields;
    const label = one => one.tagName === 'OPTION' ? words(one) : words(one.labels[0]);
    return {kind: fields[0].type, choices: offered.map(one => ({value: one.value, label: label(one)}))};
  });
}"""
"""Marks the form that is being filled; answers what kind of field each name is, and what it offers."""
COUNT = """(() => {
  if (!location.protocol.startsWith('http') || window.isCounting) return;
  window.isCounting = true;
  const add = () => sessionStorage.setItem('presses', Number(sessionStorage.getItem('presses')) + 1);
  const typed = 'textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=file])';
  addEventListener('pointerdown', event => { if (event.isTrusted && !event.target.closest(typed)) add(); }, true);
  addEventListener('change', event => { if (event.target.matches('select')) add(); }, true);
  addEventListener('keydown', event => {
    if (event.isTrusted && event.key === 'Enter' && !event.target.matches('textarea')) add();
  }, true);
})()"""
"""Counts presses as measure.py describes them, over all pages of the tab."""
WIDE = """width => document.scrollingElement.scrollWidth <= width ? '' : [...document.querySelectorAll('body *')]
  .filter(node => node.getBoundingClientRect().right > width && node.checkVisibility())
  .map(node => `${node.tagName}.${node.className} ${Math.round(node.getBoundingClientRect().right)}`).slice(-5).join(', ')
  || `${document.scrollingElement.scrollWidth} px`"""
STAYS = "button => button.hasAttribute('data-row-add-card')"
"""A row is added in the page; without a script the button leads to a page with one more."""
ASKS = "button => Boolean(button.dataset.ask || (button.form && button.form.dataset.ask))"


def follow(screen: Page, link: Locator | ElementHandle) -> None:
    """Click what leads to another page, and wait until that is there: a click alone does not."""
    with screen.expect_navigation(wait_until="load"):
        link.click()


class Watch:
    """What must not happen on any page: an error in the console, a request to another host, overflow."""

    def __init__(self, context: BrowserContext, address: str, width: int) -> None:
        self.host, self.width = urlsplit(address).netloc, width
        self.faults: list[str] = []
        context.on("request", self._note)
        context.on("console", self._read)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))

    def _note(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.netloc != self.host and address.scheme not in ("data", "blob"):
            self.faults.append(f"request to another host: {request.url}")

    def _read(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not REFUSED_FORM.match(message.text):
            self.faults.append(f"console: {message.text}")

    def look_at(self, page: Page) -> None:
        """Fail if the page that is open is wider than the screen, or anything was noted before."""
        wide = page.evaluate(WIDE, self.width)
        if wide:
            self.faults.append(f"wider than the screen: {wide}")
        assert not self.faults, (page.url, self.faults)


class ChromiumHand:
    """Somebody before a screen of `size`, with a profile of the own."""

    def __init__(
        self, browser: Browser, address: str, size: tuple[int, int], agent: str | None = None
    ) -> None:
        self.address = address
        self.context = browser.new_context(
            base_url=address,
            viewport={"width": size[0], "height": size[1]},
            is_mobile=size == PHONE,
            has_touch=size == PHONE,
            locale="zh-CN",
            user_agent=agent,
        )
        self.context.set_default_timeout(PATIENCE)
        self.watch = Watch(self.context, address, size[0])
        self.screen = self.context.new_page()
        self.is_counting = False

    @property
    def path(self) -> str:
        parts = urlsplit(self.screen.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    @property
    def text(self) -> str:
        """Return the words of the page's main part that can be seen."""
        return " ".join(self.screen.locator("main").inner_text().split())

    def begin_counting(self) -> None:
        """Count presses from the start page on, its menu folded; until the end pages are reached by presses alone."""
        self.screen.evaluate("localStorage.clear()")
        self.context.add_init_script(COUNT)
        self.open("/")
        self.screen.evaluate("sessionStorage.setItem('presses', 0)")
        self.is_counting = True

    def end_counting(self) -> int:
        """Return how many presses there were since the beginning."""
        self.is_counting = False
        return int(self.screen.evaluate("sessionStorage.getItem('presses')"))

    def open(self, path: str) -> None:
        assert not self.is_counting, f"{path} is opened by its address in a task that is measured"
        self.screen.goto(path)
        self.watch.look_at(self.screen)

    def sign_in(self, username: str) -> None:
        """Sign in with the password of `signing.give_password`."""
        self.open("/login/")
        self.fill({"username": username, "password": PASSWORD})
        self.press("登录")

    def fill(self, values: Mapping[str, Any], *, within: str = "") -> None:
        names = list(values)
        facts = self.screen.evaluate(FIND_FORM, [within, names])
        assert facts, f"no form with {names} in {self.path}: {self.text}"
        for name, known in zip(names, facts, strict=True):
            self._answer(name, values[name], known)

    def names(self, prefix: str) -> list[str]:
        fields = "p => [...document.querySelectorAll(`main [name^='${p}']`)].map(one => one.name)"
        return list(self.screen.evaluate(fields, prefix))

    def tick_rows(self, labels: list[str]) -> None:
        for label in labels:
            self.screen.locator(f'main input[name="pk"][aria-label$="{label}"]').check()

    def add_row(self, rows: str) -> None:
        self.screen.locator(f"#{rows} [data-row-add]").click()

    def press(self, label: str, *, within: str = "") -> None:
        """Press a button or a link, answer the question behind it with yes, and look at what comes."""
        pressed = self._element(FIND_PRESSED, [within, label], label)
        is_asked = pressed.evaluate(ASKS)
        if is_asked:
            pressed.click()
            pressed = self.screen.wait_for_selector("#ask[open] button[value=yes]") or pressed
        if pressed.evaluate(STAYS):
            pressed.click()
            return
        follow(self.screen, pressed)
        self.watch.look_at(self.screen)

    def go(self, menu: str) -> None:
        """Open a menu by the side menu, and its chapter before where that is folded."""
        label = self.screen.get_by_text(menu, exact=True)
        link = self.screen.locator(".side li a").filter(has=label).first
        if not link.is_visible():
            link.locator("xpath=ancestor::details/summary").click()
        self.follow(link)

    def picture(
        self, name: str, *parts: str | Locator, pressed: Locator | None = None, tall: int = 420
    ) -> None:
        """Keep a picture of parts of the page for the pages under docs/customise; see `pictures.take`."""
        found = [self.screen.locator(one) if isinstance(one, str) else one for one in parts]
        pictures.take(self.screen, name, [one.first for one in found], pressed, tall)

    def follow(self, link: str | Locator) -> None:
        """Click what leads to another page, and look at what comes."""
        follow(self.screen, self.screen.locator(link).first if isinstance(link, str) else link)
        self.watch.look_at(self.screen)

    def download(self, label: str) -> bytes:
        link = self._element(FIND_PRESSED, ["", label], label)
        answer = self.context.request.get(f"{self.address}{link.get_attribute('href')}")
        assert answer.ok, answer.status
        return answer.body()

    def close(self) -> None:
        self.context.close()

    def _element(self, script: str, wanted: list[Any], name: str) -> ElementHandle:
        found = self.screen.evaluate_handle(script, wanted).as_element()
        assert found is not None, f"no {name} in {self.path}: {self.text}"
        return found

    def _answer(self, name: str, value: Any, facts: dict[str, Any]) -> None:
        screen, field = self.screen, f'[data-in-hand] [name="{name}"]'
        if isinstance(value, Found):
            self._look_up(name, value)
        elif isinstance(value, File):
            kind = MEDIA[value.name.rpartition(".")[2]]
            file = FilePayload(name=value.name, mimeType=kind, buffer=value.content)
            screen.set_input_files(field, file)
        elif isinstance(value, bool):
            screen.set_checked(field, value)
        elif facts["kind"] in ("radio", "checkbox"):
            for wanted in value if isinstance(value, list) else [value]:
                screen.check(f'{field}[value="{_chosen(facts["choices"], wanted, name)}"]')
        elif facts["kind"] == "select-one":
            screen.select_option(field, value=_chosen(facts["choices"], value, name))
        else:
            screen.fill(field, value)

    def _look_up(self, name: str, wanted: Found) -> None:
        box = f'[data-in-hand] .lookup:has([name="{name}"])'
        self.screen.fill(f"{box} [role=combobox]", wanted.text)
        self.screen.locator(f"{box} [role=option]", has_text=wanted.text).first.click()


def _chosen(choices: list[dict[str, str]], wanted: str, name: str) -> str:
    """Return the value of the choice with this label or value, or whose label contains it."""
    exact = [one["value"] for one in choices if wanted in (one["label"], one["value"])]
    found = exact or [one["value"] for one in choices if wanted in one["label"]]
    assert found, f"{wanted} is not offered for {name}: {choices}"
    return found[0]
