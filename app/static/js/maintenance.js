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
