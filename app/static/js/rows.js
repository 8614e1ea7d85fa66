// Rows of a section: add, copy, order, remove and undo without leaving the page.
(function () {
  'use strict';
  const form = document.querySelector('form[data-section]');
  if (!form) return;
  const list = form.querySelector('[data-row-list]');
  const add = form.querySelector('[data-row-add-card]');
  const template = form.querySelector('[data-row-template]');
  const said = form.querySelector('[data-row-said]');
  const most = Number(form.dataset.most);

  function cards() { return Array.from(list.querySelectorAll('[data-row]')); }
  function fields(card) { return Array.from(card.querySelectorAll('input[name], select[name], textarea[name]')).filter(function (f) { return keyOf(f) !== '_id'; }); }
  function keyOf(field) { return field.name.replace(/^rows-\d+-/, ''); }
  function idOf(card) { return card.querySelector('[name$="-_id"]').value; }
  function newId() { return 'n' + Array.from(crypto.getRandomValues(new Uint32Array(2)), function (n) { return n.toString(36); }).join('').slice(0, 12); }
  function find(id) { return cards().find(function (card) { return idOf(card) === id; }); }
  function fieldOf(card, key) { return fields(card).find(function (f) { return keyOf(f) === key; }); }
  function isShown(field) { return !field.closest('.field[hidden]'); }
  // what the eye and the keyboard reach; a searchable select has an input of its own
  function control(field) { return field.hidden ? field.parentElement.querySelector('[role="combobox"]') || field : field; }
  function set(field, text) {
    if (field.type === 'checkbox') field.checked = text === 'y'; else field.value = text;
    if (field.tagName === 'SELECT' && field.value !== text) { field.add(new Option(text, text)); field.value = text; }
    field.dispatchEvent(new Event('change', { bubbles: true }));
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  function text(field) { return field.type === 'checkbox' ? (field.checked ? 'y' : '') : field.value; }
  function titleOf(card) {
    const field = form.dataset.rowTitle && fieldOf(card, form.dataset.rowTitle);
    if (!field) return '';
    return field.tagName === 'SELECT' ? (field.value && field.selectedOptions.length ? field.selectedOptions[0].text : '') : field.value.trim();
  }

  function renumber() {
    cards().forEach(function (card, at) {
      card.removeAttribute('id');
      [card].concat(Array.from(card.querySelectorAll('*'))).forEach(function (node) {
        ['id', 'name', 'for', 'aria-describedby', 'aria-labelledby', 'aria-controls'].forEach(function (attribute) {
          const old = node.getAttribute(attribute);
          if (old && old.includes('rows-')) node.setAttribute(attribute, old.replace(/rows-\d+-/g, 'rows-' + at + '-'));
        });
        if (node.dataset.do) node.value = node.dataset.do + '.' + at;
      });
      const number = card.querySelector('[data-row-number]');
      if (number) number.textContent = number.dataset.word.replace('{number}', String(at + 1));
      const up = card.querySelector('[data-do="up"]');
      const down = card.querySelector('[data-do="down"]');
      if (up) { up.disabled = at === 0; down.disabled = at === cards().length - 1; }
    });
    const count = form.querySelector('[data-row-count]');
    if (count) count.textContent = count.dataset.word.replace('{count}', String(cards().length));
    if (add) add.hidden = cards().length >= most;
    form.querySelectorAll('[data-do="copy"]').forEach(function (button) { button.disabled = cards().length >= most; });
  }

  function make(id, texts) {
    const card = template.content.querySelector('[data-row]').cloneNode(true);
    card.querySelector('[name$="-_id"]').value = id || newId();
    prepare(card);
    Object.entries(texts || {}).forEach(function (pair) {
      const field = fieldOf(card, pair[0]);
      if (field) { if (field.type === 'checkbox') field.checked = pair[1] === 'y'; else field.value = pair[1]; }
    });
    return card;
  }
  function insert(card, before) {
    list.insertBefore(card, before || null);
    renumber();
    document.dispatchEvent(new CustomEvent('row-added', { detail: card }));
    title(card);
    fold(card, true);
  }
  function say(word, card, title) {
    if (said) said.textContent = word.replace('{number}', String(cards().indexOf(card) + 1)).replace('{title}', title || '');
  }
  function changed() { form.dispatchEvent(new CustomEvent('rows-changed', { bubbles: true })); }
  function first(card) {
    const field = fields(card).find(function (f) { return isShown(f) && !f.disabled; });
    if (field) control(field).focus();
  }

  function undoBar(card, before, at) {
    const box = form.querySelector('[data-notices]');
    const bar = document.createElement('div');
    const words = document.createElement('div');
    const undo = document.createElement('button');
    bar.className = 'note undo';
    undo.type = 'button';
    undo.className = 'btn';
    undo.textContent = add.dataset.wordUndo;
    words.textContent = add.dataset.wordRemoved.replace('{number}', String(at + 1)).replace('{title}', titleOf(card)) + ' ';
    words.append(undo);
    bar.append(words);
    box.querySelectorAll('.undo').forEach(function (old) { old.remove(); });
    box.append(bar);
    undo.addEventListener('click', function () {
      insert(card, before && before.isConnected ? before : null);
      bar.remove();
      say(add.dataset.wordBack, card);
      changed();
      first(card);
    });
    return undo;
  }

  const acts = {
    up: function (card, button) {
      const other = card.previousElementSibling;
      if (!other) return;
      list.insertBefore(card, other);
      renumber();
      say(add.dataset.wordMoved, card);
      (button.disabled ? card.querySelector('[data-do="down"]') : button).focus();
    },
    down: function (card, button) {
      const other = card.nextElementSibling;
      if (!other) return;
      list.insertBefore(other, card);
      renumber();
      say(add.dataset.wordMoved, card);
      (button.disabled ? card.querySelector('[data-do="up"]') : button).focus();
    },
    copy: function (card) {
      const texts = {};
      fields(card).forEach(function (field) { texts[keyOf(field)] = text(field); });
      const made = make('', texts);
      insert(made, card.nextElementSibling);
      say(add.dataset.wordCopied, made);
      first(made);
    },
    remove: function (card) {
      const at = cards().indexOf(card);
      const before = card.nextElementSibling;
      const undo = undoBar(card, before, at);
      said.textContent = add.dataset.wordRemoved.replace('{number}', String(at + 1)).replace('{title}', titleOf(card));
      card.remove();
      renumber();
      undo.focus();
    },
  };

  form.addEventListener('click', function (event) {
    const button = event.target.closest('button');
    if (!button || !add) return;
    const card = button.closest('[data-row]');
    if (button === add) {
      event.preventDefault();
      if (cards().length >= most) { said.textContent = add.dataset.wordFull; return; }
      const made = make();
      insert(made);
      say(add.dataset.wordAdded, made);
      first(made);
      changed();
    } else if (card && acts[button.dataset.do]) {
      event.preventDefault();
      acts[button.dataset.do](card, button);
      changed();
    } else if (button.hasAttribute('data-fold')) {
      fold(card, button.getAttribute('aria-expanded') !== 'true');
    }
  });

  function fold(card, open) {
    const button = card.querySelector('[data-fold]');
    if (!button) return;
    card.classList.toggle('folded', !open);
    button.setAttribute('aria-expanded', String(open));
    button.textContent = open ? add.dataset.wordFold : add.dataset.wordUnfold;
  }
  function title(card) {
    const place = card.querySelector('[data-row-title]');
    if (place) place.textContent = titleOf(card);
  }

  function follow(event) {
    const card = event.target.closest('[data-row]');
    if (!card) return;
    title(card);
  }
  list.addEventListener('change', follow);
  list.addEventListener('input', follow);

  function prepare(card) {
    const button = card.querySelector('[data-fold]');
    if (button) button.hidden = false;
  }
  function unfoldTarget() {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const card = target && target.closest('[data-row]');
    if (!card) return;
    fold(card, true);
    target.focus();
    target.scrollIntoView({ block: 'center' });
  }
  // a link to a field of a folded row leads to the same address twice without a hashchange
  document.addEventListener('click', function (event) { if (event.target.closest('a[href*="#rows-"]')) setTimeout(unfoldTarget); });
  window.addEventListener('hashchange', unfoldTarget);

  cards().forEach(prepare);
  if (add) renumber();
  if (add && cards().length > 2 && matchMedia('(max-width: 820px)').matches) {
    cards().forEach(function (card) { fold(card, !titleOf(card) || Boolean(card.querySelector('.error, .field-note')) || card.id === 'last' && location.hash === '#last'); });
  }
  unfoldTarget();

  window.sectionRows = { cards: cards, fields: fields, keyOf: keyOf, idOf: idOf, find: find, fieldOf: fieldOf, isShown: isShown, text: text, set: set, make: make, insert: insert, renumber: renumber, control: control, unfold: function (card) { fold(card, true); }, list: list };
})();
