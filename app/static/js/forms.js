// Forms: counters, rows, fields that depend on a choice, file limits, leaving a changed form, no double submit.
(function () {
  'use strict';
  const words = document.body.dataset;

  function counter(area) {
    const limit = Number(area.dataset.max || area.getAttribute('maxlength'));
    if (!limit || area.dataset.counted) return;
    area.dataset.counted = '1';
    const line = document.createElement('span');
    line.className = 'counter';
    area.insertAdjacentElement('afterend', line);
    function show() {
      const length = Array.from(area.value).length;
      line.textContent = length + ' / ' + limit;
      line.classList.toggle('late', length > limit);
    }
    area.addEventListener('input', show);
    show();
  }

  function size(bytes) {
    return bytes >= 1048576 ? (bytes / 1048576).toFixed(1) + ' MB' : Math.ceil(bytes / 1024) + ' KB';
  }

  function files(input) {
    const list = document.createElement('ul');
    list.className = 'chosen';
    list.setAttribute('aria-live', 'polite');
    input.insertAdjacentElement('afterend', list);
    input.addEventListener('change', function () {
      list.replaceChildren();
      // a newly chosen file takes the place of the one that was kept
      if (!input.multiple && input.files.length) input.parentElement.querySelectorAll('.kept input').forEach(function (box) { box.checked = false; });
      const limit = Number(input.dataset.maxMb || 0) * 1048576;
      Array.from(input.files).forEach(function (file) {
        const item = document.createElement('li');
        const large = limit && file.size > limit;
        item.className = large ? 'late' : 'muted';
        item.textContent = large ? words.wordLarge.replace('{name}', file.name).replace('{limit}', size(limit)) : file.name + ' · ' + size(file.size);
        list.append(item);
      });
    });
  }

  // data-show-when="decision=refuse,return" or "a=1&b=y": the field is there only while every named field has one of
  // its values. Inside a row the named field is that of the same row; a field that is not there itself has no value.
  function value(form, row, name) {
    const named = Array.from(form.elements).filter(function (f) { return f.name === name || f.name.endsWith('-' + name); });
    const near = row ? named.filter(function (f) { return row.contains(f); }) : [];
    const on = (near.length ? near : named).filter(function (f) { return (f.type !== 'radio' && f.type !== 'checkbox') || f.checked; });
    if (!on.length || (near.length && on[0].closest('.field[hidden]'))) return '';
    return on[0].type === 'checkbox' && on[0].value === 'y' ? 'y' : on[0].value;
  }
  function dependent(element) {
    const form = element.closest('form');
    if (!form) return;
    const row = element.closest('.row-card, tbody tr');
    const box = element.closest('.field, .group, .choice') || element;
    box.hidden = !element.dataset.showWhen.split('&').every(function (rule) {
      const cut = rule.indexOf('=');
      return rule.slice(cut + 1).split(',').includes(value(form, row, rule.slice(0, cut)));
    });
  }
  function dependents(root) { root.querySelectorAll('fieldset[data-show-when], .field[data-show-when]').forEach(dependent); }
  // A star with data-must-for="a b" stands while one of these acts is chosen; before the choice it stands too.
  function musts(form) {
    const decision = value(form, null, 'decision');
    const act = (decision === 'refuse' && value(form, null, 'way')) || decision;
    form.querySelectorAll('[data-must-for]').forEach(function (star) {
      const needed = star.dataset.mustFor.split(' ');
      star.hidden = Boolean(act) && act !== 'refuse' && !needed.includes(act);
      const field = form.querySelector('#' + CSS.escape(star.closest('label, legend').htmlFor || ''));
      if (field) field.setAttribute('aria-required', String(Boolean(act) && !star.hidden));
    });
  }
  document.addEventListener('change', function (event) { if (event.target.form) { dependents(event.target.form); musts(event.target.form); } });
  document.addEventListener('row-added', function (event) { dependents(event.detail); });

  function rows(box) {
    const body = box.querySelector('tbody');
    const add = box.querySelector('[data-row-add]');
    const limit = Number(box.dataset.rowsMax || 0);
    function check() { add.hidden = Boolean(limit && body.rows.length >= limit); }
    let next = Number(box.dataset.next || 0);
    add.addEventListener('click', function () {
      const holder = document.createElement('tbody');
      holder.innerHTML = box.querySelector('template').innerHTML.replaceAll('__n__', String(next));
      next += 1;
      const row = holder.rows[0];
      body.append(row);
      document.dispatchEvent(new CustomEvent('row-added', { detail: row }));
      const first = row.querySelector('input:not([type="hidden"]), select, textarea');
      if (first) first.focus();
      check();
    });
    box.addEventListener('click', function (event) {
      const remove = event.target.closest('[data-row-remove]');
      if (!remove) return;
      remove.closest('tr').remove();
      box.dispatchEvent(new Event('input', { bubbles: true }));
      add.focus();
      check();
    });
    check();
  }

  function enhance(root) {
    root.querySelectorAll('textarea[data-max], textarea[maxlength]').forEach(counter);
    root.querySelectorAll('input[type="file"]').forEach(files);
  }
  enhance(document);
  document.addEventListener('row-added', function (event) { enhance(event.detail); });
  document.querySelectorAll('[data-rows]').forEach(rows);
  dependents(document);
  document.querySelectorAll('[data-must-for]').forEach(function (star) { if (star.closest('form')) musts(star.closest('form')); });

  const included = document.querySelector('[data-included]');
  function count() {
    const boxes = Array.from(document.querySelectorAll('input[type="checkbox"][name="row"]'));
    boxes.forEach(function (b) { b.closest('tr').classList.toggle('on', b.checked); });
    included.textContent = included.dataset.included.replace('{n}', String(boxes.filter(function (b) { return b.checked; }).length));
  }
  if (included) { document.addEventListener('change', count); count(); }

  document.querySelectorAll('form[data-guard]').forEach(function (form) {
    ['input', 'change'].forEach(function (kind) { form.addEventListener(kind, function () { form.dataset.dirty = '1'; }); });
  });
  window.addEventListener('beforeunload', function (event) {
    if (document.querySelector('form[data-guard][data-dirty]:not([data-sent])')) event.preventDefault();
  });

  document.addEventListener('submit', function (event) {
    const form = event.target;
    if (event.defaultPrevented || form.method === 'dialog') return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.querySelectorAll('[data-drop-empty]').forEach(function (field) { field.disabled = field.value === ''; });
    form.dataset.sent = '1';
    const button = event.submitter;
    if (button) button.dataset.sent = '1';
    // An answer that is a download leaves the page standing: the form must come back to life.
    setTimeout(function () { revive(form); }, 8000);
  });
  function revive(form) {
    delete form.dataset.sent;
    form.querySelectorAll('[data-sent]').forEach(function (b) { delete b.dataset.sent; });
  }
  window.addEventListener('pageshow', function (event) {
    if (event.persisted) document.querySelectorAll('form[data-sent]').forEach(revive);
  });
})();
