// A <select> becomes a searchable combobox: data-lookup-url asks the server (?q=), data-find filters its own options.
// The select stays in the form and carries the value; the input takes its id, so labels and links to errors lead to it.
(function () {
  'use strict';
  const words = document.body.dataset;
  let count = 0;

  function element(name, attributes) {
    const made = document.createElement(name);
    Object.entries(attributes || {}).forEach(function (pair) { made.setAttribute(pair[0], pair[1]); });
    return made;
  }

  function rowsOf(answer) {
    if (!Array.isArray(answer)) return answer;
    return { results: answer.map(function (row) { return { id: row[0], text: row[1] }; }), more: false };
  }

  function address(select, text) {
    const url = new URL(select.dataset.lookupUrl, location.href);
    url.searchParams.set('q', text);
    if (select.dataset.lookupStyle === 'query') url.searchParams.set('query', text);
    (select.dataset.lookupWith || '').split(',').filter(Boolean).forEach(function (name) {
      const other = select.form && select.form.elements[name];
      if (other && other.value) url.searchParams.set(name, other.value);
    });
    return url;
  }

  function own(select, text) {
    const wanted = text.toLowerCase();
    const found = Array.from(select.options).filter(function (o) { return o.text.toLowerCase().includes(wanted); });
    return Promise.resolve({ results: found.map(function (o) { return { id: o.value, text: o.text }; }), more: false });
  }

  function ask(select, text) {
    if (!select.dataset.lookupUrl) return own(select, text);
    return fetch(address(select, text), { headers: { Accept: 'application/json' }, credentials: 'same-origin' }).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json().then(rowsOf);
    });
  }

  function enhance(select) {
    if (select.dataset.enhanced) return;
    select.dataset.enhanced = '1';
    count += 1;
    const box = element('div', { class: 'lookup' });
    const chips = element('div', { class: 'chips' });
    const list = element('ul', { role: 'listbox', id: 'lookup-' + count, hidden: '' });
    const input = element('input', { type: 'text', class: 'in', role: 'combobox', autocomplete: 'off', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id });
    ['aria-describedby', 'aria-invalid', 'aria-label', 'required'].forEach(function (name) {
      if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    });
    list.setAttribute('aria-label', words.wordChoices);
    const blank = Array.from(select.options).find(function (o) { return o.value === '' || o.value === '__None'; });
    input.placeholder = select.dataset.placeholder || (blank ? blank.text : '');
    input.disabled = select.disabled;
    input.id = select.id;
    if (select.id) select.id += '-value';
    select.hidden = true;
    select.tabIndex = -1;
    select.insertAdjacentElement('beforebegin', box);
    box.append(chips, input, list, select);
    let active = -1;
    let turn = 0;
    let timer = 0;

    function chosen() { return Array.from(select.selectedOptions).filter(function (o) { return o !== blank; }); }
    function show() {
      if (!select.multiple) { input.value = chosen().length ? chosen()[0].text : ''; return; }
      chips.replaceChildren(...chosen().map(function (o) {
        const chip = element('button', { type: 'button', class: 'chip', 'aria-label': words.wordRemove + ' ' + o.text });
        chip.textContent = o.text + ' ×';
        chip.addEventListener('click', function () { o.selected = false; changed(); input.focus(); });
        return chip;
      }));
      input.value = '';
    }
    function changed() { show(); select.dispatchEvent(new Event('change', { bubbles: true })); }
    function close() {
      list.hidden = true;
      active = -1;
      input.setAttribute('aria-expanded', 'false');
      input.removeAttribute('aria-activedescendant');
    }
    function say(text) { const item = element('li', { class: 'say', role: 'presentation' }); item.textContent = text; list.append(item); }
    function pick(item) {
      let option = Array.from(select.options).find(function (o) { return o.value === item.dataset.value; });
      if (!option) { option = new Option(item.textContent, item.dataset.value); select.add(option); }
      option.selected = true;
      close();
      changed();
    }
    function fill(answer) {
      list.replaceChildren();
      answer.results.forEach(function (row, at) {
        const item = element('li', { role: 'option', id: list.id + '-' + at, 'aria-selected': 'false', 'data-value': row.id });
        item.textContent = row.text;
        list.append(item);
      });
      if (!answer.results.length) say(words.wordNone);
      if (answer.more) say(words.wordMore);
    }
    function open(text) {
      const mine = turn += 1;
      ask(select, text).then(fill, function () { list.replaceChildren(); say(words.wordFailed); }).then(function () {
        if (mine !== turn || document.activeElement !== input) return;
        active = -1;
        list.hidden = false;
        input.setAttribute('aria-expanded', 'true');
      });
    }
    function mark(step) {
      const items = list.querySelectorAll('[role="option"]');
      if (!items.length) return;
      active = (active + step + items.length) % items.length;
      items.forEach(function (item, at) { item.setAttribute('aria-selected', String(at === active)); });
      items[active].scrollIntoView({ block: 'nearest' });
      input.setAttribute('aria-activedescendant', items[active].id);
    }
    input.addEventListener('input', function () {
      clearTimeout(timer);
      if (!input.value && !select.multiple) { select.value = blank ? blank.value : ''; select.dispatchEvent(new Event('change', { bubbles: true })); }
      timer = setTimeout(function () { open(input.value.trim()); }, 180);
    });
    input.addEventListener('click', function () { if (list.hidden) { input.select(); open(''); } });
    input.addEventListener('keydown', function (event) {
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        if (list.hidden) open(''); else mark(event.key === 'ArrowDown' ? 1 : -1);
      } else if (event.key === 'Enter' && !list.hidden) {
        const items = list.querySelectorAll('[role="option"]');
        event.preventDefault();
        if (active >= 0) pick(items[active]); else if (items.length === 1) pick(items[0]);
      } else if (event.key === 'Escape' && !list.hidden) { event.stopPropagation(); close(); show(); }
    });
    input.addEventListener('blur', function () { clearTimeout(timer); turn += 1; close(); show(); });
    list.addEventListener('mousedown', function (event) { event.preventDefault(); });
    list.addEventListener('click', function (event) {
      const item = event.target.closest('[role="option"]');
      if (item) pick(item);
    });
    select.addEventListener('change', function () { if (document.activeElement !== input) show(); });
    if (select.form) select.form.addEventListener('reset', function () { setTimeout(show); });
    show();
  }

  function all(root) { root.querySelectorAll('select[data-lookup-url], select[data-find]').forEach(enhance); }

  // Maintenance pages name their remote fields otherwise: a hidden input with its value beside it as JSON.
  document.querySelectorAll('input[data-role="select2-ajax"]:not([data-multiple])').forEach(function (hidden) {
    const select = element('select', { name: hidden.name, id: hidden.id, 'data-lookup-url': hidden.dataset.url, 'data-lookup-style': 'query', 'data-placeholder': hidden.dataset.placeholder || '' });
    const blank = new Option('', '');
    select.add(blank);
    if (hidden.dataset.json && hidden.dataset.json !== 'null') {
      const value = JSON.parse(hidden.dataset.json);
      select.add(new Option(value[1], value[0], true, true));
    }
    hidden.replaceWith(select);
  });

  all(document);
  document.addEventListener('row-added', function (event) { all(event.detail); });
})();
