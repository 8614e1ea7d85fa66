// What is not saved on the server yet is kept on this device: per account, application and section, until it is saved or its owner signs out.
(function () {
  'use strict';
  const DAYS = 30;

  function name(form) { return 'draft:' + [form.dataset.owner, form.dataset.application, form.dataset.section].join(':'); }

  function read(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch (e) { return null; }
  }

  function drop(form) {
    try { localStorage.removeItem(name(form)); } catch (e) { /* nothing was kept */ }
  }

  function keep(form, draft) {
    try {
      localStorage.setItem(name(form), JSON.stringify(draft));
      return true;
    } catch (e) {
      return false;
    }
  }

  function tidy() {
    try {
      Object.keys(localStorage).filter(function (key) { return key.startsWith('draft:'); }).forEach(function (key) {
        const draft = read(key);
        if (!draft || Date.now() - draft.at > DAYS * 86400000) localStorage.removeItem(key);
      });
    } catch (e) { /* no storage */ }
  }

  function fill(word, values) { return Object.entries(values).reduce(function (said, pair) { return said.replace('{' + pair[0] + '}', String(pair[1])); }, word); }
  function bar(notices, kind, text, lines, buttons) {
    const box = document.createElement('div'), inside = document.createElement('div'), head = document.createElement('b'), list = document.createElement('ul');
    box.className = 'note wait ' + kind;
    box.setAttribute('role', 'status');
    head.textContent = text;
    lines.slice(0, 20).forEach(function (line) { const item = document.createElement('li'); item.textContent = line; list.append(item); });
    inside.append(head, list);
    buttons.forEach(function (pair) {
      const button = document.createElement(typeof pair[1] === 'string' ? 'a' : 'button');
      button.className = 'btn';
      button.textContent = pair[0];
      if (typeof pair[1] === 'string') button.href = pair[1]; else { button.type = 'button'; button.addEventListener('click', function () { pair[1](box); }); }
      inside.append(button, ' ');
    });
    box.append(inside);
    notices.append(box);
    return box;
  }

  // Puts back what was left here the last time; what somebody saved over since waits for a choice. Says whether it does.
  function putBack(form, base, notices, then) {
    const rows = window.sectionRows, words = form.dataset, draft = read(name(form));
    if (!draft || !draft.patch) return false;
    const undo = [], open = [], clean = [];
    function compare(id, key, was, mine) {
      const card = rows.find(id), field = card && rows.fieldOf(card, key);
      const here = field ? rows.text(field) : '';
      if (here === mine) return;
      (field && here === was ? clean : open).push({ id: id, key: key, mine: mine, theirs: here, label: labelOf(rows, id, key) });
    }
    Object.entries(draft.patch.set || {}).forEach(function (row) { Object.entries(row[1]).forEach(function (one) { compare(row[0], one[0], one[1][0], one[1][1]); }); });
    Object.entries(draft.patch.add || {}).forEach(function (row) {
      if (rows.find(row[0])) Object.entries(row[1]).forEach(function (one) { compare(row[0], one[0], '', one[1]); });
      else clean.push({ id: row[0], texts: row[1], mine: Object.values(row[1]).filter(Boolean).join(' · '), theirs: '', label: form.querySelector('legend').textContent });
    });
    const goneHere = Object.entries(draft.patch.gone || {}).filter(function (row) { return rows.find(row[0]) && JSON.stringify(base.get(row[0])) === JSON.stringify(row[1]); });
    const ids = rows.cards().map(rows.idOf).join();
    const order = draft.patch.order && draft.patch.order.slice().sort().join() === ids.split(',').sort().join() && draft.patch.order.join() !== ids ? draft.patch.order : null;
    if (!clean.length && !open.length && !goneHere.length && !order) { drop(form); return false; }
    const time = new Date(draft.at).toLocaleTimeString('zh-CN', { hour12: false });
    function putIn(list) {
      list.forEach(function (one) {
        let card = rows.find(one.id);
        if (!card) {
          const empty = rows.cards().find(function (c) { return rows.fields(c).every(function (f) { return !rows.text(f); }); });
          card = rows.make(one.id, one.texts || { [one.key]: one.mine });
          rows.insert(card);
          if (empty && !base.has(rows.idOf(empty))) { empty.remove(); rows.renumber(); }
          undo.push(function () { card.remove(); rows.renumber(); });
          return;
        }
        const field = rows.fieldOf(card, one.key);
        if (!field) return;
        undo.push(function () { rows.set(field, one.theirs); });
        rows.set(field, one.mine);
      });
    }
    function structure() {
      goneHere.forEach(function (row) {
        const card = rows.find(row[0]), before = card.nextElementSibling;
        undo.push(function () { rows.insert(card, before && before.isConnected ? before : null); });
        card.remove();
      });
      (order || []).map(rows.find).filter(Boolean).forEach(function (card) { rows.list.append(card); });
      rows.renumber();
    }
    function line(one) { return one.label + ': ' + (one.mine || words.wordEmpty) + ' · ' + words.wordStored + ' “' + (one.theirs || words.wordEmpty) + '”'; }
    function without(box) { undo.reverse().forEach(function (step) { step(); }); drop(form); box.remove(); then.save(); }
    putIn(clean);
    structure();
    const restored = clean.length + goneHere.length;
    if (restored) bar(notices, 'restored', fill(words.wordRestored, { count: restored, time: time }), clean.map(line), [[words.wordDrop, without]]);
    if (open.length) bar(notices, 'found', fill(words.wordFound, { count: open.length, time: time }), open.map(line), [
      [words.wordRestore, function (box) { putIn(open); box.remove(); then.wait(); }],
      [words.wordDrop, function (box) { box.remove(); then.keep(); }],
    ]);
    const target = !location.hash && draft.focus && document.getElementById(draft.focus);
    if (target) { const card = target.closest('[data-row]'); if (card) rows.unfold(card); target.focus(); }
    if (restored) then.wait();
    return open.length > 0;
  }
  function labelOf(rows, id, key) {
    const card = rows.find(id), field = card && rows.fieldOf(card, key);
    const label = field && document.querySelector('label[for="' + rows.control(field).id + '"]');
    return label ? label.firstChild.textContent.trim() : '';
  }

  tidy();
  window.drafts = { keep: keep, drop: drop, fill: fill, bar: bar, putBack: putBack };
})();
