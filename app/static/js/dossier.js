// A section of the application saves by itself: after a pause, on leaving, and again once the connection is back.
// Only what changed is sent, each value with the one that stood there before, so that two devices can be told apart.
(function () {
  'use strict';
  const form = document.querySelector('form[data-autosave]');
  const rows = window.sectionRows;
  if (!form || !rows || form.querySelector('fieldset[disabled]')) return;
  const words = form.dataset, fill = window.drafts.fill;
  const PAUSE = 2000, FIRST_RETRY = 2000, LAST_RETRY = 60000, LIVES_ON = 60000;
  const status = form.querySelector('[data-autosaved]');
  const notices = form.querySelector('[data-notices]');
  const base = new Map(JSON.parse(form.elements.base.value || '[]'));
  const settled = new Map();
  const unsure = new Map();
  let timer = 0, keeping = 0, again = false, retry = FIRST_RETRY, gone = false, passing = false, holding = false, trouble = '';

  function say(text, isLate) {
    status.textContent = text;
    status.classList.toggle('late', Boolean(isLate));
  }
  function bar(kind, text, lines, buttons) { return window.drafts.bar(notices, kind, text, lines, buttons); }
  function place(row, key) { return row + '.' + key; }

  // what stands on the page

  function textOf(field, id, key) {
    const known = (base.get(id) || {})[key] || '';
    if (!rows.isShown(field)) return '';
    // a half-typed date reads as empty: it is neither saved nor taken for a deletion
    if (field.validity && field.validity.badInput) return known;
    const text = rows.text(field).replace(/\r\n?/g, '\n');
    const done = settled.get(place(id, key));
    return done && done[0] === text ? done[1] : text;
  }
  function onPage() {
    const found = new Map();
    rows.cards().forEach(function (card) {
      const id = rows.idOf(card), texts = {};
      rows.fields(card).forEach(function (field) { const key = rows.keyOf(field); texts[key] = textOf(field, id, key); });
      if (base.has(id) || Object.values(texts).some(Boolean)) found.set(id, texts);
    });
    return found;
  }
  function changes() {
    const now = onPage(), patch = { set: {}, add: {}, gone: {} };
    now.forEach(function (texts, id) {
      const known = base.get(id), changed = {};
      Object.entries(texts).forEach(function (pair) {
        const was = known ? known[pair[0]] || '' : '';
        if (pair[1] !== was) changed[pair[0]] = known ? [was, pair[1]] : pair[1];
      });
      if (Object.keys(changed).length) patch[known ? 'set' : 'add'][id] = changed;
    });
    base.forEach(function (texts, id) { if (!now.has(id)) patch.gone[id] = texts; });
    const order = Array.from(now.keys());
    const expected = Array.from(base.keys()).filter(function (id) { return now.has(id); }).concat(order.filter(function (id) { return !base.has(id); }));
    if (order.join() !== expected.join()) patch.order = order;
    Object.keys(patch).forEach(function (key) { if (key !== 'order' && !Object.keys(patch[key]).length) delete patch[key]; });
    return Object.keys(patch).length ? patch : null;
  }

  // on this device

  // what was found here waits for a choice: until then it is not touched
  function isHolding() { return holding && Boolean(notices.querySelector('.found')); }
  function keepHere() {
    clearTimeout(keeping);
    keeping = 0;
    if (isHolding()) return true;
    const patch = changes();
    if (!patch) { window.drafts.drop(form); return true; }
    const focus = document.activeElement && form.contains(document.activeElement) ? document.activeElement.id : '';
    return window.drafts.keep(form, { at: Date.now(), patch: patch, focus: focus });
  }

  // to the server

  function send(patch, isLeaving) {
    const body = JSON.stringify(Object.assign({ revision: Number(form.elements.revision.value) }, patch));
    const isSmall = body.length * 3 < LIVES_ON;
    return fetch(form.action, {
      method: 'POST', body: body, redirect: 'manual', keepalive: Boolean(isLeaving && isSmall),
      headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRFToken': form.elements.csrf_token.value },
    });
  }
  function sent(patch, each) {
    Object.entries(patch.set || {}).forEach(function (row) { Object.entries(row[1]).forEach(function (field) { each(row[0], field[0], field[1][1]); }); });
    Object.entries(patch.add || {}).forEach(function (row) { Object.entries(row[1]).forEach(function (field) { each(row[0], field[0], field[1]); }); });
  }

  let line = Promise.resolve(true);
  // one after the other; only on leaving there is no time to wait for the one before
  function save(isLeaving) {
    clearTimeout(timer);
    if (isLeaving === true) return once(true);
    line = line.then(function () { return once(false); });
    return line;
  }
  async function once(isLeaving) {
    const patch = changes();
    if (!patch) {
      keepHere();
      if (trouble === 'offline') { trouble = ''; say(''); }
      return true;
    }
    let isDone = false;
    try {
      if (!isLeaving) say(words.wordSaving);
      let answer = await send(patch, isLeaving);
      let told = await read(answer);
      if (told.stale) {
        form.elements.csrf_token.value = told.csrf_token;
        answer = await send(patch, isLeaving);
        told = await read(answer);
      }
      isDone = take(answer.status, told, patch);
    } catch (error) {
      sent(patch, function (row, key, text) { unsure.set(place(row, key), (unsure.get(place(row, key)) || []).concat(text)); });
      offline();
    }
    if (again) { again = false; wait(); }
    return isDone;
  }
  async function read(answer) {
    try { return await answer.json(); } catch (e) { return {}; }
  }
  function take(code, told, patch) {
    if (code === 200 || code === 409) return accept(told, patch);
    keepHere();
    if (code === 401 || code === 0) { expired(); return false; }
    if (code >= 500 || code === 429) { offline(); return false; }
    trouble = 'refused';
    say(told.refused || told.message || words.wordOffline, true);
    return false;
  }

  function accept(told, patch) {
    const open = new Set((told.faults || []).concat(told.conflicts || []).map(function (one) { return place(one[0], one[1]); }));
    retry = FIRST_RETRY;
    sent(patch, function (row, key, text) {
      if (open.has(place(row, key)) || open.has(place(row, ''))) return;
      const texts = base.get(row) || {}, now = ((told.texts || {})[row] || {})[key];
      texts[key] = now === undefined ? text : now;
      base.set(row, texts);
      unsure.delete(place(row, key));
      mark(row, key, '');
      if (now !== undefined) normalised(row, key, text, now);
    });
    Object.keys(patch.gone || {}).forEach(function (row) { if (!open.has(place(row, ''))) base.delete(row); });
    base.forEach(function (texts, row) { if (!Object.values(texts).some(Boolean)) base.delete(row); });
    if (patch.order) sortBase(patch.order);
    form.elements.revision.value = told.revision;
    if (told.rows) adopt(told.rows);
    (told.faults || []).forEach(function (one) { mark(one[0], one[1], one[2]); });
    conflicts(told.conflicts || []);
    const count = (told.faults || []).length;
    trouble = notices.querySelector('.conflict') ? 'conflict' : count ? 'fault' : '';
    const waiting = (told.conflicts || []).length && notices.querySelector('.conflict b');
    say(waiting ? waiting.textContent : fill(count ? words.wordFaults : words.wordSaved, { time: told.saved_at, count: count }) + (told.rows ? ' ' + words.wordMerged : ''), count || waiting);
    keepHere();
    return !trouble;
  }
  function sortBase(order) {
    const sorted = order.filter(function (id) { return base.has(id); }).map(function (id) { return [id, base.get(id)]; });
    const rest = Array.from(base).filter(function (pair) { return !order.includes(pair[0]); });
    base.clear();
    sorted.concat(rest).forEach(function (pair) { base.set(pair[0], pair[1]); });
  }

  // the server wrote it a little differently: shown at once, but never under the cursor
  function normalised(row, key, text, now) {
    const card = rows.find(row), field = card && rows.fieldOf(card, key);
    if (!field || rows.text(field).replace(/\r\n?/g, '\n') !== text) return;
    if (document.activeElement !== field) { rows.set(field, now); return; }
    settled.set(place(row, key), [text, now]);
    field.addEventListener('blur', function () {
      if (rows.text(field).replace(/\r\n?/g, '\n') === text) rows.set(field, now);
      settled.delete(place(row, key));
    }, { once: true });
  }

  function mark(row, key, why) {
    const card = rows.find(row), field = card && rows.fieldOf(card, key);
    if (!field) return;
    const control = rows.control(field), box = field.closest('.field'), id = field.id.replace(/-value$/, '') + '-error';
    const old = document.getElementById(id);
    if (old) old.remove();
    const ties = (control.getAttribute('aria-describedby') || '').split(' ').filter(function (one) { return one && one !== id; });
    if (why) {
      const line = document.createElement('p');
      line.className = 'error';
      line.id = id;
      line.textContent = why;
      box.append(line);
      ties.unshift(id);
      control.setAttribute('aria-invalid', 'true');
    } else control.removeAttribute('aria-invalid');
    if (ties.length) control.setAttribute('aria-describedby', ties.join(' ')); else control.removeAttribute('aria-describedby');
  }

  // another device

  function adopt(stored) {
    const known = new Map(stored);
    known.forEach(function (texts, id) {
      const card = rows.find(id), old = base.get(id);
      if (!card) { if (!old) { rows.insert(rows.make(id, texts)); base.set(id, texts); } return; }
      Object.entries(texts).forEach(function (pair) {
        const field = rows.fieldOf(card, pair[0]), was = (old || {})[pair[0]] || '';
        if (!field || pair[1] === was || textOf(field, id, pair[0]) !== was) return;
        rows.set(field, pair[1]);
        base.set(id, Object.assign(base.get(id) || {}, { [pair[0]]: pair[1] }));
      });
    });
    const touched = changes() || {};
    Array.from(base.keys()).forEach(function (id) {
      if (known.has(id) || (touched.set || {})[id]) return;
      base.delete(id);
      const card = rows.find(id);
      if (card && rows.cards().length > 1) { card.remove(); rows.renumber(); }
    });
    if (!touched.order) sortBase(Array.from(known.keys()));
  }
  function conflicts(found) {
    const real = found.filter(function (one) {
      const mine = (unsure.get(place(one[0], one[1])) || []).includes(one[4]);
      // the answer to an earlier save was lost: what stands there came from this very page
      if (mine) { base.set(one[0], Object.assign(base.get(one[0]) || {}, { [one[1]]: one[4] })); again = true; }
      return !mine;
    });
    notices.querySelectorAll('.conflict').forEach(function (old) { old.remove(); });
    if (!real.length) return;
    bar('conflict', fill(words.wordConflict, { count: real.length }), real.map(function (one) {
      return one[2] + ': ' + words.wordMine + ' “' + (one[3] || words.wordEmpty) + '” · ' + words.wordTheirs + ' “' + (one[4] || words.wordEmpty) + '”';
    }), [[words.wordCompare, function () { form.requestSubmit(form.querySelector('[name="do"][value="save"]')); }]]);
  }
  // no connection, no sign-in

  function offline() {
    trouble = 'offline';
    say(keepHere() ? words.wordOffline : words.wordUnkept, true);
    clearTimeout(timer);
    timer = setTimeout(function () { save(); }, retry);
    retry = Math.min(retry * 2, LAST_RETRY);
  }
  function expired() {
    trouble = 'expired';
    say(words.wordExpired, true);
    notices.querySelectorAll('.expired').forEach(function (old) { old.remove(); });
    const focus = document.activeElement && form.contains(document.activeElement) ? document.activeElement.id : '';
    bar('expired', words.wordExpired, [], [[words.wordSignIn, words.signIn + (focus ? encodeURIComponent('#' + focus) : '')]]);
  }
  window.addEventListener('online', function () { retry = FIRST_RETRY; save(); });

  // when

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(function () { save(); }, PAUSE);
  }
  function typed() {
    if (!keeping) keeping = setTimeout(keepHere, 300);
    if (trouble !== 'expired') wait();
  }
  form.addEventListener('input', typed);
  form.addEventListener('change', typed);
  form.addEventListener('rows-changed', typed);
  document.addEventListener('visibilitychange', function () {
    if (document.visibilityState === 'hidden') leave();
    else if (trouble === 'expired') { trouble = ''; notices.querySelectorAll('.expired').forEach(function (old) { old.remove(); }); save(); }
  });
  window.addEventListener('pagehide', leave);
  function leave() {
    if (gone || form.dataset.sent) return;
    keepHere();
    if (changes()) save(true);
  }

  form.addEventListener('submit', function (event) {
    const half = rows.cards().flatMap(rows.fields).filter(function (field) { return field.validity && field.validity.badInput; });
    half.forEach(function (field) { const card = field.closest('[data-row]'); mark(rows.idOf(card), rows.keyOf(field), words.wordHalf); });
    if (half.length) { event.preventDefault(); rows.unfold(half[0].closest('[data-row]')); half[0].focus(); return; }
    if (passing) { passing = false; return; }
    if (!changes()) return;
    // saved first, so that without connection or sign-in the page stays as it is
    event.preventDefault();
    const button = event.submitter;
    keepHere();
    save().then(function (isDone) {
      if (isDone || trouble === 'conflict' || trouble === 'refused') {
        passing = true;
        form.requestSubmit(button || undefined);
      } else if (trouble === 'fault') {
        const first = form.querySelector('[aria-invalid="true"]');
        if (first) { rows.unfold(first.closest('[data-row]')); first.focus(); }
      }
    });
  });
  // the press sends what the page was made from beside what stands in it now
  form.addEventListener('formdata', function (event) {
    event.formData.set('base', JSON.stringify(Array.from(base)));
    event.formData.set('revision', form.elements.revision.value);
  });
  // signing out waits for what is not saved yet
  document.addEventListener('submit', function (event) {
    const out = event.target;
    if (gone || !/\/logout\/$/.test(out.action) || !changes()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    save().then(function () { gone = true; out.requestSubmit(); });
  }, true);

  holding = window.drafts.putBack(form, base, notices, { wait: wait, save: save, keep: keepHere });
  if (changes() && !notices.querySelector('.found')) wait();
})();
