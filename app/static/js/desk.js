// The judge's desk: drafts that save themselves, points with steps and a live total, and keys for everything.
(function () {
  'use strict';
  const desk = document.querySelector('[data-desk]');
  if (!desk) return;
  const words = desk.dataset, PAUSE = 800, FIRST_RETRY = 2000, LAST_RETRY = 60000;
  const sheet = document.querySelector('form[data-sheet]');
  const points = sheet ? Array.from(sheet.querySelectorAll('input[data-most]')) : [];

  function texts(form) {
    const found = {};
    new FormData(form).forEach(function (value, name) { if (name !== 'csrf_token' && name !== 'read') found[name] = value; });
    return found;
  }
  // what is on this device only, until the server has it; whoever signs out leaves nothing (shell.js)
  function place(form) { return 'draft:desk:' + words.desk + ':' + form.getAttribute('action').split('/').pop(); }
  const bases = new Map();
  function keepHere(form) { try { localStorage.setItem(place(form), JSON.stringify({ at: Date.now(), base: bases.get(form), texts: texts(form) })); } catch (e) { /* private mode */ } }
  function dropHere(form) { try { localStorage.removeItem(place(form)); } catch (e) { /* nothing was kept */ } }
  function keptHere(form) { try { return JSON.parse(localStorage.getItem(place(form))); } catch (e) { return null; } }
  function say(form, text, isLate) {
    const line = form.querySelector('[data-saved]');
    line.textContent = text;
    line.classList.toggle('late', Boolean(isLate));
  }
  // what somebody, perhaps oneself on another device, saved since is never written over
  function putBack(form) {
    const kept = keptHere(form), now = texts(form), base = (kept || {}).base || {};
    bases.set(form, now);
    if (!kept || !kept.texts) return false;
    let changed = false;
    Object.entries(kept.texts).forEach(function (pair) {
      if ((now[pair[0]] || '') !== (base[pair[0]] || '')) return;
      const fields = Array.from(form.elements).filter(function (one) { return one.name === pair[0] && one.type !== 'submit' && one.type !== 'hidden'; });
      fields.forEach(function (one) {
        if (one.type === 'radio') { if (one.value === pair[1] && !one.checked) { one.checked = true; changed = true; } } else if (one.value !== pair[1]) { one.value = pair[1]; changed = true; }
      });
    });
    if (changed) say(form, words.wordBack);
    return changed;
  }

  function mark(form, faults) {
    Array.from(form.elements).forEach(function (field) {
      if (!field.name || !field.id || field.type === 'hidden') return;
      const why = faults[field.name], old = document.getElementById(field.id + '-error');
      if (old && !old.dataset.live && why === undefined && field.dataset.touched === undefined) return;
      if (old) old.remove();
      const ties = (field.getAttribute('aria-describedby') || '').split(' ').filter(function (one) { return one && one !== field.id + '-error'; });
      if (why) {
        const line = document.createElement('p');
        line.className = 'error';
        line.id = field.id + '-error';
        line.dataset.live = '1';
        line.textContent = why;
        (field.closest('li, .field') || field.parentElement).append(line);
        ties.push(line.id);
        field.setAttribute('aria-invalid', 'true');
      } else field.removeAttribute('aria-invalid');
      if (ties.length) field.setAttribute('aria-describedby', ties.join(' ')); else field.removeAttribute('aria-describedby');
    });
  }

  // saving by itself
  function autosave(form) {
    let timer = 0, retry = FIRST_RETRY, sent = JSON.stringify(texts(form)), busy = false, leaving = false;
    function isChanged() { return JSON.stringify(texts(form)) !== sent; }
    function wait(pause) { clearTimeout(timer); timer = setTimeout(save, pause); }
    function post(body, isLast) {
      return fetch(form.action, {
        method: 'POST', body: body, redirect: 'manual', keepalive: Boolean(isLast),
        headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRFToken': form.elements.csrf_token.value },
      });
    }
    async function read(answer) { try { return await answer.json(); } catch (e) { return {}; } }
    async function save() {
      if (busy || leaving || !isChanged()) return;
      busy = true;
      const body = JSON.stringify(texts(form));
      try {
        say(form, words.wordSaving);
        let answer = await post(body), told = await read(answer);
        if (told.stale) { form.elements.csrf_token.value = told.csrf_token; answer = await post(body); told = await read(answer); }
        take(answer.status, told, body);
      } catch (error) { later(words.wordOffline); }
      busy = false;
      if (isChanged() && retry === FIRST_RETRY) wait(PAUSE);
    }
    function take(code, told, body) {
      if (code === 200) {
        sent = body;
        bases.set(form, JSON.parse(body));
        retry = FIRST_RETRY;
        const count = Object.keys(told.faults || {}).length;
        if (!isChanged() && !count) dropHere(form);
        mark(form, told.faults || {});
        say(form, (count ? words.wordFaults + ' ' : '') + words.wordSaved.replace('{time}', told.saved_at), count);
      } else if (code === 401 || code === 0) later(words.wordExpired);
      else if (code >= 500 || code === 429) later(words.wordOffline);
      else { sent = body; mark(form, told.faults || {}); say(form, told.refused || told.message || words.wordOffline, true); }
    }
    function later(text) { say(form, text, true); wait(retry); retry = Math.min(retry * 2, LAST_RETRY); }
    function typed(event) { if (event.target.dataset) event.target.dataset.touched = '1'; keepHere(form); wait(PAUSE); }
    form.addEventListener('input', typed);
    form.addEventListener('change', typed);
    form.addEventListener('submit', function () { clearTimeout(timer); leaving = true; dropHere(form); setTimeout(function () { leaving = false; }, 8000); });
    window.addEventListener('online', function () { retry = FIRST_RETRY; wait(0); });
    window.addEventListener('pagehide', function () { if (!leaving && isChanged()) { post(JSON.stringify(texts(form)), true).then(function (answer) { if (answer.status === 200) dropHere(form); }, function () { /* kept here */ }); } });
    if (putBack(form)) wait(0); else dropHere(form);
  }
  document.querySelectorAll('form[data-keeps-itself]').forEach(autosave);

  // an opinion is the group's once it is written; until then the text is kept on this device
  document.querySelectorAll('form[data-keeps-text]').forEach(function (form) {
    form.addEventListener('input', function () { keepHere(form); });
    form.addEventListener('submit', function () { dropHere(form); });
    if (putBack(form)) { const box = form.closest('details'); if (box) box.open = true; }
  });

  // points
  function number(field) { return /^[0-9]+$/.test(field.value.trim()) && Number(field.value) <= Number(field.dataset.most) ? Number(field.value) : null; }
  function total() {
    const line = sheet.querySelector('[data-total]');
    if (!line) return;
    // the server counts in whole hundredths; so do we, that both show the same
    const sum = points.reduce(function (all, field) { return all + (number(field) || 0) * Number(field.dataset.weight) / Number(field.dataset.most); }, 0);
    line.value = (Math.floor(sum * 100 + 0.5 + 1e-9) / 100).toFixed(2);
  }
  function change(field, by) {
    const now = number(field), most = Number(field.dataset.most);
    field.value = String(Math.min(most, Math.max(0, (now || 0) + by)));
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  if (sheet) {
    sheet.addEventListener('click', function (event) {
      const step = event.target.closest('[data-step]');
      if (step) change(document.getElementById(step.dataset.for), Number(step.dataset.step));
    });
    sheet.addEventListener('input', total);
    total();
  }

  // keys
  const note = document.getElementById('note');
  function press(target) {
    const form = target.closest('form[data-ctrl-enter]') || sheet || document.querySelector('form[data-ctrl-enter]');
    const button = form && form.querySelector('button.go');
    if (button) form.requestSubmit(button);
  }
  function go(field) { field.focus({ preventScroll: true }); if (field.select) field.select(); field.scrollIntoView({ block: 'nearest' }); }
  function follow(key) { const link = document.querySelector('a[data-key="' + key + '"]'); if (link) link.click(); }
  document.addEventListener('keydown', function (event) {
    if (document.querySelector('dialog[open]')) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); press(event.target); return; }
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const key = event.key.toLowerCase(), at = points.indexOf(event.target);
    if (key === 'escape' && event.target.matches('input, textarea')) { event.target.blur(); return; }
    if (at >= 0) {
      if (key === 'enter') { event.preventDefault(); go(points[at + 1] || sheet.querySelector('button.go')); }
      if (key === 'arrowup' || key === 'arrowdown') { event.preventDefault(); change(event.target, key === 'arrowup' ? 1 : -1); }
      if (key === 'j' || key === 'k') { event.preventDefault(); follow(key); }
      if (key === 'n') { event.preventDefault(); go(note); }
      return;
    }
    if (event.target.closest('input:not([type="radio"]), select, textarea')) return;
    if (/^[1-9]$/.test(key) && points[Number(key) - 1]) { event.preventDefault(); go(points[Number(key) - 1]); }
    if (key === 'n' && note) { event.preventDefault(); go(note); }
    const choice = document.querySelector('[data-decide="' + key + '"]');
    if (choice) { choice.checked = true; choice.dispatchEvent(new Event('change', { bubbles: true })); choice.focus(); }
  });

  // on a desk the first empty item is ready to be typed in; on a phone the keyboard would cover the page
  const first = points.find(function (field) { return !field.value; });
  if (first && window.matchMedia('(pointer: fine) and (min-width: 821px)').matches && !document.querySelector('[data-summary]') && !location.hash) first.focus({ preventScroll: true });
})();
