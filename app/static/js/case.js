// Case page, all by keys: J next, K previous; S the next section, which ticks the one looked at, W the one before; V its papers;
// A and R the first and second decision, Ctrl+Enter the act. What is not ticked yet is named beside the decision.
(function () {
  'use strict';
  const TALL = 8, STEP = 0.8;
  function busy(target) { return target.closest('input:not([type="radio"]):not([type="checkbox"]), select, textarea, [contenteditable]') || document.querySelector('dialog[open]'); }
  function decide(at) {
    const act = document.querySelector('.acts-card details[open]');
    const radios = act ? act.querySelectorAll('input[type="radio"]') : [];
    const choice = radios[at] || null;
    if (choice) { choice.checked = true; choice.dispatchEvent(new Event('change', { bubbles: true })); choice.focus(); return; }
    const other = document.querySelectorAll('.acts-card details')[at];
    if (other) { other.open = true; other.querySelector('summary').focus(); }
  }

  // sections, gone through one by one
  const all = Array.from(document.querySelectorAll('.sec'));
  const toTick = all.filter(tickOf);
  const walk = toTick.length ? toTick : all;
  let at = -1;
  function tickOf(section) { return section.querySelector('.check-line input[type="checkbox"]'); }
  function isOpen(section) { const tick = tickOf(section); return Boolean(tick) && !tick.checked && !reasonOf(section); }
  function reasonOf(section) { const reason = section.querySelector('.check-line input[type="text"]'); return reason ? reason.value.trim() : ''; }
  function look(place) {
    at = place;
    all.forEach(function (section) { section.classList.remove('looked'); });
    walk[at].classList.add('looked');
    walk[at].tabIndex = -1;
    walk[at].focus({ preventScroll: true });
    walk[at].scrollIntoView({ block: 'start', behavior: 'instant' });
  }
  function isBelow(section) { return section.getBoundingClientRect().bottom > window.innerHeight + TALL; }
  function tick(section) {
    const box = tickOf(section);
    if (!box || box.checked || reasonOf(section)) return;
    box.checked = true;
    box.dispatchEvent(new Event('change', { bubbles: true }));
  }
  function onwards() {
    if (!walk.length) return;
    if (at >= 0 && isBelow(walk[at])) { window.scrollBy({ top: window.innerHeight * STEP, behavior: 'instant' }); return; }
    if (at >= 0) tick(walk[at]);
    const isLeft = toTick.length ? isOpen : function () { return true; };
    let next = walk.findIndex(function (section, place) { return place > at && isLeft(section); });
    if (next < 0 && toTick.length) next = walk.findIndex(isOpen);
    if (next >= 0) { look(next); return; }
    const acts = document.getElementById('acts');
    if (acts) { acts.tabIndex = acts.tabIndex < 0 ? -1 : acts.tabIndex; acts.focus(); }
  }
  function back() { if (at > 0) look(at - 1); }

  // papers of the section looked at, one after another; of all sections before one is looked at
  const viewer = document.getElementById('viewer');
  const seen = new Set();
  function paper() {
    const from = at < 0 ? document : walk[at];
    const next = Array.from(from.querySelectorAll('[data-view]')).find(function (button) { return !seen.has(button); });
    if (viewer && viewer.open) viewer.close();
    if (next) next.click();
  }
  document.addEventListener('click', function (event) {
    const button = event.target.closest('[data-view]');
    if (button) { seen.add(button); button.classList.add('seen'); }
  });

  // what is not ticked yet, by name
  const line = document.querySelector('[data-unticked]');
  function name() {
    const left = toTick.filter(isOpen);
    const parts = line.dataset.word.split('{names}');
    line.replaceChildren(left.length ? parts[0].replace('{count}', String(left.length)) : line.dataset.wordDone);
    left.forEach(function (section, place) {
      const link = document.createElement('a');
      link.href = '#' + section.id;
      link.textContent = section.querySelector('h2').firstChild.textContent.trim();
      link.addEventListener('click', function () { at = walk.indexOf(section); });
      line.append(place ? line.dataset.comma : '', link);
    });
    if (left.length) line.append(parts[1] || '');
  }
  if (line && toTick.length) { ['input', 'change'].forEach(function (kind) { document.addEventListener(kind, name); }); name(); }

  function press(target) {
    const ask = document.querySelector('#ask[open] button[value="yes"]');
    if (ask) { ask.click(); return; }
    const form = target.closest('form') || document.querySelector('.acts-card details[open] form');
    if (form && form.closest('.acts-card')) form.requestSubmit(form.querySelector('.press-bar button:not([type="button"])'));
  }
  const KEYS = { a: function () { decide(0); }, r: function () { decide(1); }, s: onwards, w: back, v: paper };
  document.addEventListener('keydown', function (event) {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && document.querySelector('.acts-card')) { event.preventDefault(); press(event.target); return; }
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const key = event.key.toLowerCase();
    if (key === 'escape' && event.target.matches('.acts-card input, .acts-card textarea, .check-line input')) { event.target.blur(); return; }
    if (key === 'v' && viewer && viewer.open) { event.preventDefault(); paper(); return; }
    if (busy(event.target)) return;
    const link = (key === 'j' || key === 'k') && document.querySelector('a[data-key="' + key + '"]');
    if (link) link.click();
    if (KEYS[key]) { event.preventDefault(); KEYS[key](); }
  });

  const marks = new Map(Array.from(document.querySelectorAll('.toc a')).map(function (a) { return [a.hash.slice(1), a]; }));
  if (marks.size && 'IntersectionObserver' in window) {
    const watch = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        if (!entry.isIntersecting) return;
        marks.forEach(function (a) { a.classList.remove('here'); a.removeAttribute('aria-current'); });
        const here = marks.get(entry.target.id);
        here.classList.add('here');
        here.setAttribute('aria-current', 'true');
      });
    }, { rootMargin: '-70px 0px -75% 0px' });
    marks.forEach(function (a, id) { const section = document.getElementById(id); if (section) watch.observe(section); });
  }
})();
