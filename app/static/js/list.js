// Lists: ticks and their count, 'all N matching', density remembered per list, the place found again, sticky heading where the table fits.
(function () {
  'use strict';
  const form = document.querySelector('form[data-list]');
  const table = form && form.querySelector('table.list');
  if (!table) return;
  const boxes = Array.from(form.querySelectorAll('input[name="pk"]'));
  const every = form.querySelector('[data-tick-all]');
  const picked = form.querySelector('[data-picked]');
  const all = form.querySelector('[data-all-field]');
  const say = form.querySelector('[data-say]');

  function isAll() { return Boolean(all && !all.disabled); }
  function count() {
    const on = boxes.filter(function (b) { return b.checked; }).length;
    boxes.forEach(function (b) { b.closest('tr').classList.toggle('on', b.checked); });
    if (!picked) return;
    every.checked = on > 0 && on === boxes.length;
    every.indeterminate = on > 0 && on < boxes.length;
    picked.hidden = on === 0;
    const text = picked.querySelector('[data-picked-text]');
    const button = picked.querySelector('[data-all]');
    text.textContent = isAll() ? button.dataset.allText : text.dataset.pickedText.replace('{n}', String(on));
    if (button) button.hidden = isAll();
    if (on) say.textContent = '';
  }
  function tick(on) {
    boxes.forEach(function (b) { b.checked = on; });
    if (all) all.disabled = true;
    count();
  }
  if (every) every.addEventListener('change', function () { tick(every.checked); });
  boxes.forEach(function (b) { b.addEventListener('change', function () { if (all) all.disabled = true; count(); }); });
  form.addEventListener('click', function (event) {
    if (event.target.closest('[data-none]')) tick(false);
    if (event.target.closest('[data-all]')) { tick(true); all.disabled = false; count(); }
    const needs = event.target.closest('[data-needs-rows]');
    if (needs && !boxes.some(function (b) { return b.checked; })) {
      event.preventDefault();
      say.textContent = document.body.dataset.wordTick;
    }
  });
  // 'all that match' is a question to the server, not the ticks of this page
  form.addEventListener('formdata', function (event) { if (isAll()) event.formData.delete('pk'); });
  window.addEventListener('pageshow', count);
  count();

  const key = 'list:' + form.dataset.list;
  const kept = (function () { try { return JSON.parse(localStorage.getItem(key)) || {}; } catch (e) { return {}; } })();
  function keep() { try { localStorage.setItem(key, JSON.stringify(kept)); } catch (e) { /* private mode: not remembered */ } }

  const density = form.querySelector('[data-density]');
  function tight(on) { table.classList.toggle('tight', on); density.setAttribute('aria-pressed', String(on)); }
  density.addEventListener('click', function () { kept.tight = !kept.tight; tight(kept.tight); keep(); });
  tight(Boolean(kept.tight));

  const scroll = table.parentElement;
  function fit() {
    scroll.classList.remove('fits', 'snug');
    scroll.classList.toggle('snug', table.scrollWidth > scroll.clientWidth);
    const fits = table.scrollWidth <= scroll.clientWidth;
    scroll.classList.toggle('fits', fits);
    if (fits) scroll.removeAttribute('tabindex'); else scroll.tabIndex = 0;
  }
  window.addEventListener('resize', fit);
  fit();

  // the place in the list: noted when a row or a button is followed, found again when the person comes back to the same list
  const spot = 'place:' + form.dataset.list;
  const rows = Array.from(table.tBodies[0].rows);
  function here() { const query = new URLSearchParams(location.search); query.sort(); return query.toString(); }
  function note(row) {
    const at = row ? rows.indexOf(row) : rows.findIndex(function (r) { return r.classList.contains('on'); });
    const place = { list: here(), y: window.scrollY, row: at < 0 ? '' : rows[at].id, at: at };
    try { sessionStorage.setItem(spot, JSON.stringify(place)); } catch (e) { /* private mode: not remembered */ }
  }
  function find() {
    const place = (function () { try { return JSON.parse(sessionStorage.getItem(spot)); } catch (e) { return null; } })();
    try { sessionStorage.removeItem(spot); } catch (e) { /* private mode */ }
    if (!place || place.list !== here() || location.hash) return;
    window.scrollTo({ top: place.y, behavior: 'instant' });
    const row = (place.row && document.getElementById(place.row)) || rows[Math.min(place.at, rows.length - 1)];
    const link = row && row.querySelector('td.acts a');
    if (link) link.focus({ preventScroll: true });
    if (place.y > 0) document.querySelectorAll('.main > .note[role]').forEach(function (said) { said.classList.add('stays'); });
  }
  form.addEventListener('submit', function () { note(null); });
  table.addEventListener('click', function (event) { if (event.target.closest('td a')) note(event.target.closest('tr')); });
  find();
})();
