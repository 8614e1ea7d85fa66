// Canned phrases in fields marked data-phrases: a list opened by a button, by "/" at the start of a line or by Alt+0; Alt+1 … Alt+9 insert at once.
(function () {
  'use strict';
  const FIELDS = '[data-phrases]';
  const words = document.body.dataset;
  if (!words.phrasesUrl || !(document.querySelector(FIELDS) || document.querySelector('template'))) return;
  let asked = null, open = null;

  function load() {
    asked = asked || fetch(words.phrasesUrl, { headers: { Accept: 'application/json' }, credentials: 'same-origin' }).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    }).catch(function () { asked = null; return null; });
    return asked;
  }

  function enhance(root) {
    root.querySelectorAll(FIELDS).forEach(function (field) {
      if (field.dataset.phrases === 'on') return;
      field.dataset.phrases = 'on';
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'link phrases-open';
      button.textContent = words.wordPhrases;
      button.setAttribute('aria-haspopup', 'listbox');
      button.setAttribute('aria-expanded', 'false');
      const label = field.labels && field.labels[0];
      const name = field.getAttribute('aria-label') || (label ? label.textContent.replace('*', '').trim() : '');
      button.setAttribute('aria-label', words.wordPhrases + (name ? ' · ' + name : ''));
      button.addEventListener('click', function () { if (open && open.field === field) close(); else show(field); field.focus(); });
      field.insertAdjacentElement('afterend', button);
      field.addEventListener('blur', function () { setTimeout(function () { if (open && open.field === field && !open.list.contains(document.activeElement) && document.activeElement !== field) close(); }, 150); });
    });
  }

  function show(field) {
    load().then(function (told) {
      close();
      const button = field.nextElementSibling, list = document.createElement('ul');
      list.id = 'phrases-list';
      list.className = 'phrases-list';
      list.setAttribute('role', 'listbox');
      list.setAttribute('aria-label', words.wordPhrases);
      const found = told ? told.phrases : [];
      found.forEach(function (text, at) {
        const item = document.createElement('li'), key = document.createElement('kbd');
        item.id = 'phrase-' + at;
        item.setAttribute('role', 'option');
        if (at < 9) { key.textContent = String(at + 1); item.append(key, ' '); }
        item.append(text);
        item.addEventListener('mousedown', function (event) { event.preventDefault(); });
        item.addEventListener('click', function () { put(field, text); });
        list.append(item);
      });
      if (!found.length) {
        const line = document.createElement('li');
        line.setAttribute('role', 'option');
        line.setAttribute('aria-disabled', 'true');
        line.textContent = told ? words.wordNoPhrases : words.wordFailed;
        list.append(line);
      }
      button.insertAdjacentElement('afterend', list);
      button.setAttribute('aria-expanded', 'true');
      field.setAttribute('aria-controls', list.id);
      open = { field: field, button: button, list: list, found: found, at: -1 };
      point(0);
    });
  }

  function point(at) {
    if (!open.found.length) return;
    const items = Array.from(open.list.children);
    open.at = (at + items.length) % items.length;
    items.forEach(function (item, place) { item.setAttribute('aria-selected', String(place === open.at)); });
    items[open.at].scrollIntoView({ block: 'nearest' });
    open.field.setAttribute('aria-activedescendant', items[open.at].id);
  }

  function close() {
    if (!open) return;
    open.button.setAttribute('aria-expanded', 'false');
    open.field.removeAttribute('aria-activedescendant');
    open.field.removeAttribute('aria-controls');
    open.list.remove();
    open = null;
  }

  function put(field, text) {
    close();
    field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.focus();
  }

  function digit(event) { const found = /^(?:Digit|Numpad)([0-9])$/.exec(event.code); return found ? Number(found[1]) : -1; }
  function isLineStart(field) { const before = field.value.slice(0, field.selectionStart); return before === '' || before.endsWith('\n'); }

  function inList(event) {
    const at = event.altKey || event.shiftKey ? -1 : digit(event);
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') point(open.at + (event.key === 'ArrowDown' ? 1 : -1));
    else if (event.key === 'Enter' && open.at >= 0) put(open.field, open.found[open.at]);
    else if (event.key === 'Escape') close();
    else if (at > 0 && open.found[at - 1]) put(open.field, open.found[at - 1]);
    else { if (event.key !== 'Alt' && event.key !== 'Shift') close(); return false; }
    return true;
  }
  function inField(event, field) {
    const at = digit(event);
    if (event.altKey && !event.ctrlKey && at > 0) {
      load().then(function (told) { if (told && told.phrases[at - 1]) put(field, told.phrases[at - 1]); else show(field); });
      return true;
    }
    const isOpening = event.altKey ? at === 0 : event.key === '/' && !event.ctrlKey && !event.metaKey && isLineStart(field);
    if (isOpening) show(field);
    return isOpening;
  }
  // before the keys of the page, which would take Escape and Enter for their own
  document.addEventListener('keydown', function (event) {
    const field = event.target.matches && event.target.matches(FIELDS) ? event.target : null;
    if (!field || event.isComposing) return;
    const taken = open && open.field === field && !(event.ctrlKey || event.metaKey) ? inList(event) : inField(event, field);
    if (taken) { event.preventDefault(); event.stopPropagation(); }
  }, true);

  enhance(document);
  document.addEventListener('row-added', function (event) { enhance(event.detail); });
})();
