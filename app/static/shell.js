// The shell: drawer on a phone, remembered chapters, search toggle, messages that can be closed, the question dialog.
(function () {
  'use strict';
  const remembered = 'menu-chapters';

  function stored() {
    try { return JSON.parse(localStorage.getItem(remembered)) || {}; } catch (e) { return {}; }
  }

  document.querySelectorAll('details[data-chapter]').forEach(function (chapter) {
    const state = stored()[chapter.dataset.chapter];
    if (state !== undefined && !chapter.querySelector('[aria-current]')) chapter.open = state;
    chapter.addEventListener('toggle', function () {
      const all = stored();
      all[chapter.dataset.chapter] = chapter.open;
      try { localStorage.setItem(remembered, JSON.stringify(all)); } catch (e) { /* private mode: not remembered */ }
    });
  });

  const opener = document.querySelector('[data-drawer="open"]');
  const side = document.getElementById('menu');
  function drawer(open) {
    document.body.classList.toggle('drawer-open', open);
    opener.setAttribute('aria-expanded', String(open));
    document.querySelectorAll('.top, .main, .foot, .demo').forEach(function (part) { part.inert = open; });
    if (open) side.querySelector('a').focus(); else opener.focus();
  }
  if (opener) {
    opener.addEventListener('click', function () { drawer(true); });
    document.querySelector('[data-drawer="close"]').addEventListener('click', function () { drawer(false); });
    document.addEventListener('keydown', function (event) {
      if (event.key === 'Escape' && document.body.classList.contains('drawer-open')) drawer(false);
    });
  }
  const current = side && side.querySelector('[aria-current]');
  if (current && current.offsetTop > side.clientHeight - 60) side.scrollTop = current.offsetTop - side.clientHeight / 2;

  const find = document.querySelector('[data-find]:not(select)');
  const sought = document.querySelector('#find input[type="search"]');
  function finding(open) {
    document.querySelector('.top').classList.toggle('finding', open);
    find.setAttribute('aria-expanded', String(open));
    if (open) { sought.focus(); sought.select(); }
  }
  if (find) find.addEventListener('click', function () { finding(!document.querySelector('.top').classList.contains('finding')); });
  // the keys / and Ctrl+K lead to the search across menus; / stands for itself where something is typed
  if (find) document.addEventListener('keydown', function (event) {
    const typing = event.target.closest('input, select, textarea, [contenteditable]') || document.querySelector('dialog[open]');
    const slash = event.key === '/' && !event.ctrlKey && !event.altKey && !event.metaKey && !typing;
    const chord = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k';
    if (!slash && !chord) return;
    event.preventDefault();
    finding(true);
  });

  document.addEventListener('click', function (event) {
    const close = event.target.closest('[data-close]');
    if (close) close.parentElement.remove();
    const why = event.target.closest('[aria-disabled="true"]');
    if (why) {
      event.preventDefault();
      const say = document.querySelector('[data-say]');
      if (say && why.dataset.why) say.textContent = why.dataset.why;
    }
  });

  const more = document.querySelector('[data-more]');
  if (more) more.addEventListener('click', function () {
    const area = document.getElementById(more.getAttribute('aria-controls'));
    area.hidden = !area.hidden;
    more.setAttribute('aria-expanded', String(!area.hidden));
    more.textContent = area.hidden ? more.dataset.moreText : more.dataset.lessText;
  });

  const query = document.querySelector('[data-open-query]');
  if (query) query.addEventListener('click', function () {
    query.setAttribute('aria-expanded', String(query.closest('.query-card').classList.toggle('open')));
  });

  // what can only be read by scrolling must be reachable by keyboard
  document.querySelectorAll('.scroll').forEach(function (box) { if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; });

  // whoever signs out leaves nothing of what was typed on this device
  document.addEventListener('submit', function (event) {
    if (event.defaultPrevented || !/\/logout\/$/.test(event.target.action)) return;
    try {
      indexedDB.deleteDatabase('uploads');
      Object.keys(localStorage).filter(function (key) { return key.startsWith('draft:'); }).forEach(function (key) { localStorage.removeItem(key); });
    } catch (e) { /* no storage, nothing kept */ }
  });

  const summary = document.querySelector('[data-summary]');
  if (summary) summary.focus();

  // What the chosen act of a form ends, with the names of its rows (data-asks: {act: question}); '' if it ends nothing.
  function ending(form) {
    if (!form.dataset.asks) return '';
    const asks = JSON.parse(form.dataset.asks);
    const chosen = function (name) { const field = form.elements.namedItem(name); return field ? field.value : ''; };
    const decision = chosen('decision');
    const act = (decision === 'refuse' && chosen('way')) || decision || (form.elements.namedItem('decision') ? '' : Object.keys(asks)[0]);
    const rows = Array.from(form.elements).filter(function (f) { return f.name === 'row' && f.dataset.name && (f.type === 'hidden' || f.checked); });
    let names = rows.slice(0, 5).map(function (f) { return f.dataset.name; }).join(document.documentElement.lang.startsWith('zh') ? '、' : ', ');
    if (rows.length > 5) names = form.dataset.askMore.replace('{names}', function () { return names; }).replace('{count}', rows.length);
    return (asks[act] || '').replace('{names}', function () { return names; });
  }

  // <dialog> traps the focus and gives it back; a press is let through once it was answered with yes.
  const ask = document.getElementById('ask');
  document.addEventListener('submit', function (event) {
    const form = event.target;
    const text = (event.submitter && event.submitter.dataset.ask) || ending(form) || form.dataset.ask;
    if (!text || form.dataset.asked || !ask.showModal) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask.querySelector('#ask-text').textContent = text;
    ask.returnValue = '';
    ask.showModal();
    if (text === form.dataset.ask && form.elements.namedItem('decision')) ask.querySelector('button[value="yes"]').focus();
    ask.onclose = function () {
      if (ask.returnValue !== 'yes') return;
      form.dataset.asked = '1';
      form.requestSubmit(event.submitter || undefined);
      delete form.dataset.asked;
    };
  }, true);
})();
