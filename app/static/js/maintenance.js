// Maintenance tables: ticks, filter comparison, dates by the browser's own picker, child rows.
(function () {
  'use strict';
  const every = document.querySelector('[data-tick-rows]');
  const boxes = Array.from(document.querySelectorAll('input[name="rowid"]'));
  if (every) every.addEventListener('change', function () { boxes.forEach(function (b) { b.checked = every.checked; }); });
  document.addEventListener('click', function (event) {
    if (!event.target.closest('[data-needs-rows]') || boxes.some(function (b) { return b.checked; })) return;
    event.preventDefault();
    document.querySelector('[data-say]').textContent = document.body.dataset.wordTick;
  });

  document.querySelectorAll('[data-filter-op]').forEach(function (op) {
    op.addEventListener('change', function () { document.getElementById(op.dataset.filterOp).name = op.dataset.filterPrefix + op.value; });
  });

  // A variable goes where the cursor stands, or stood last, in one of the texts of the form.
  let written = null;
  document.addEventListener('focusin', function (event) { if (event.target.matches('.admin-form input[type="text"], .admin-form textarea')) written = event.target; });
  document.addEventListener('click', function (event) {
    const press = event.target.closest('[data-insert]');
    const box = press && (written || document.querySelector('.admin-form textarea'));
    if (!box) return;
    box.focus();
    box.setRangeText(press.dataset.insert, box.selectionStart, box.selectionEnd, 'end');
    box.dispatchEvent(new Event('input', { bubbles: true }));
  });

  function dates(root) {
    root.querySelectorAll('input[data-role="datepicker"]').forEach(function (input) { input.type = 'date'; });
  }
  dates(document);

  function named(prefix, name) { return prefix + (name ? '-' + name : ''); }

  // Every name and id of a new child row starts with "<list>-<number>", as the form reads it.
  document.querySelectorAll('[data-inline]').forEach(function (box) {
    const list = box.querySelector('[data-inline-list]');
    let next = list.children.length;
    box.addEventListener('click', function (event) {
      if (event.target.closest('[data-inline-remove]')) event.target.closest('[data-inline-row]').remove();
      if (!event.target.closest('[data-inline-add]')) return;
      const row = box.querySelector('template').content.firstElementChild.cloneNode(true);
      const prefix = box.id + '-' + next;
      next += 1;
      row.id = prefix;
      row.querySelectorAll('[id], [name], [for]').forEach(function (part) {
        ['id', 'name'].forEach(function (key) { if (part.hasAttribute(key)) part.setAttribute(key, named(prefix, part.getAttribute(key))); });
        if (part.htmlFor) part.htmlFor = named(prefix, part.htmlFor);
      });
      list.append(row);
      dates(row);
      document.dispatchEvent(new CustomEvent('row-added', { detail: row }));
    });
  });
})();

// Cells edited in place: Enter saves, Esc leaves; what was refused stays typed with its reason below.
(function () {
  'use strict';
  const table = document.querySelector('[data-cells]');
  if (!table) return;
  const say = document.querySelector('[data-say]');

  function close(button, input) {
    input.closest('.cell-edit').remove();
    button.hidden = false;
    button.focus();
  }
  function told(input, why) {
    let line = input.parentElement.querySelector('.error');
    if (!line) {
      line = document.createElement('p');
      line.className = 'error';
      line.id = 'why-' + Math.random().toString(36).slice(2);
      line.setAttribute('role', 'alert');
      input.setAttribute('aria-describedby', line.id);
      input.parentElement.append(line);
    }
    line.textContent = why;
    input.setAttribute('aria-invalid', 'true');
    input.focus();
  }
  async function save(button, input) {
    const row = button.closest('tr');
    if (input.value === button.dataset.typed) { close(button, input); return; }
    const body = new URLSearchParams({ csrf_token: table.dataset.token, key: button.dataset.key, column: button.dataset.column, version: row.dataset.version });
    body.set(button.dataset.column, input.value);
    input.readOnly = true;
    let answer = null;
    let found = {};
    try {
      answer = await fetch(table.dataset.cells, { method: 'POST', body: body, headers: { Accept: 'application/json' }, credentials: 'same-origin' });
      found = await answer.json();
    } catch (lost) { answer = null; }
    input.readOnly = false;
    if (found.version) row.dataset.version = found.version;
    if (!answer || !answer.ok) { told(input, found.why || table.dataset.wordLost); return; }
    button.dataset.typed = found.typed;
    button.textContent = found.shown || '—';
    close(button, input);
    say.textContent = found.said;
    say.classList.add('fine');
  }
  table.addEventListener('click', function (event) {
    const button = event.target.closest('[data-cell]');
    if (!button) return;
    const box = document.createElement('span');
    const input = document.createElement('input');
    box.className = 'cell-edit';
    input.className = 'in';
    input.value = button.dataset.typed;
    input.setAttribute('aria-label', button.closest('td').dataset.label);
    box.append(input);
    button.hidden = true;
    button.after(box);
    input.focus();
    input.select();
    input.addEventListener('keydown', function (key) {
      if (key.isComposing) return;
      if (key.key === 'Enter') { key.preventDefault(); save(button, input); }
      if (key.key === 'Escape') close(button, input);
    });
    input.addEventListener('blur', function () { if (box.isConnected && input.value === button.dataset.typed) close(button, input); });
  });
})();

// Order of the rows: dragged, or moved by their buttons; each move is stored at once.
(function () {
  'use strict';
  const form = document.querySelector('form[data-order]');
  if (!form) return;
  const body = document.querySelector('tr[data-row]') && document.querySelector('tr[data-row]').parentElement;
  const say = document.querySelector('[data-say]');
  if (!body) return;
  let dragged = null;
  let waiting = Promise.resolve();

  function keys() { return Array.from(body.querySelectorAll('tr[data-row]')).map(function (row) { return row.dataset.row; }).join(','); }
  async function store() {
    if (form.elements.order.value === keys()) return;
    form.elements.order.value = keys();
    let found = {};
    try {
      const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { Accept: 'application/json' }, credentials: 'same-origin' });
      found = await answer.json();
      if (answer.ok) form.elements.version.value = found.version;
    } catch (lost) { found = { why: document.querySelector('[data-cells]').dataset.wordLost }; }
    say.textContent = found.why || found.said;
    say.classList.toggle('fine', !found.why);
  }
  function soon() { waiting = waiting.then(store); }

  document.addEventListener('click', function (event) {
    const button = event.target.closest('[data-move]');
    if (!button) return;
    event.preventDefault();
    const row = button.closest('tr');
    if (button.dataset.move === '1') { if (row.nextElementSibling) row.before(row.nextElementSibling); }
    else if (row.previousElementSibling) row.after(row.previousElementSibling);
    button.focus();
    soon();
  });
  body.addEventListener('dragstart', function (event) {
    dragged = event.target.closest('tr[data-row]');
    if (event.target.closest && event.target.closest('.cell-edit')) { event.preventDefault(); dragged = null; return; }
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', dragged.dataset.row);
    dragged.classList.add('dragged');
  });
  body.addEventListener('dragover', function (event) {
    const over = event.target.closest('tr[data-row]');
    if (!dragged || !over) return;
    event.preventDefault();
    if (over === dragged) return;
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) over.before(dragged); else over.after(dragged);
  });
  body.addEventListener('drop', function (event) { event.preventDefault(); });
  body.addEventListener('dragend', function () {
    if (!dragged) return;
    dragged.classList.remove('dragged');
    dragged = null;
    soon();
  });
})();
