// The judge's desk: the sheet saves itself, shows its total, and is handed in by Ctrl+Enter.
(function () {
  'use strict';
  const form = document.querySelector('[data-desk]');
  if (!form) return;
  const WAIT = 800, AGAIN = 5000;
  const said = form.querySelector('[data-said]'), total = form.querySelector('[data-total]');
  let timer = 0, isSending = false, isLeft = false;

  function values() {
    const sent = {};
    new FormData(form).forEach(function (value, name) { if (name !== 'csrf_token' && name !== 'version') sent[name] = value; });
    return sent;
  }
  function say(text, isFault) { said.textContent = text; said.classList.toggle('late', Boolean(isFault)); }

  function sum() {
    if (!total) return;
    let points = 0, isWhole = true;
    form.querySelectorAll('[data-weight]').forEach(function (field) {
      const most = Number(field.dataset.max), given = field.value.trim(), value = Number(given);
      const isFine = given !== '' && /^\d+$/.test(given) && value <= most;
      if (given !== '' && !isFine) field.setAttribute('aria-invalid', 'true'); else field.removeAttribute('aria-invalid');
      if (isFine) points += value / most * Number(field.dataset.weight); else isWhole = false;
    });
    total.textContent = isWhole ? form.dataset.wordOf.replace('{points}', (Math.round(points * 100) / 100).toFixed(2)) : '';
  }

  function save() {
    clearTimeout(timer);
    if (isSending || isLeft) { timer = setTimeout(save, WAIT); return; }
    isSending = true;
    fetch(form.action, {
      method: 'POST', credentials: 'same-origin', keepalive: true,
      headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-Requested-With': 'fetch', 'X-CSRFToken': form.elements.csrf_token.value },
      body: JSON.stringify(values()),
    }).then(function (answer) {
      return answer.json().then(function (told) {
        if (answer.ok) { say(form.dataset.wordSaved.replace('{time}', told.saved)); form.removeAttribute('data-dirty'); }
        else say(told.refused || told.message || form.dataset.wordFailed, true);
      });
    }).catch(function () {
      say(form.dataset.wordFailed, true);
      timer = setTimeout(save, AGAIN);
    }).finally(function () { isSending = false; });
  }

  form.addEventListener('input', function () { sum(); clearTimeout(timer); timer = setTimeout(save, WAIT); });
  form.addEventListener('change', function () { clearTimeout(timer); timer = setTimeout(save, WAIT / 4); });
  form.addEventListener('submit', function () { isLeft = true; clearTimeout(timer); });
  document.addEventListener('keydown', function (event) {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    const button = form.querySelector('button[value="submit"], button[value="sign"], button[value="write"]');
    if (button) { event.preventDefault(); button.click(); }
  });
  const first = form.querySelector('input.in, textarea.in:not([data-own])');
  if (first && !location.hash && window.matchMedia('(min-width: 1000px)').matches && form.querySelector('[data-weight]')) first.focus({ preventScroll: true });
  sum();
})();
