// Days and months: what is typed takes one shape, and a button opens the browser's own calendar where there is one.
(function () {
  'use strict';
  const TYPED = { day: /^(\d{4})\D?(\d{1,2})\D?(\d{1,2})\D?$/, month: /^(\d{4})\D?(\d{1,2})(?:\D{1,2})?$/ };
  const word = document.body.dataset.wordCalendar;

  // 2015年9月, 2015.9 and 201509 become 2015-09; what is no date stays as typed, and the server says so.
  function shaped(input) {
    const found = TYPED[input.dataset.date].exec(input.value.normalize('NFKC').trim());
    return found ? found.slice(1).map(function (part) { return part.padStart(2, '0'); }).join('-') : input.value;
  }
  document.addEventListener('change', function (event) {
    const input = event.target.closest('[data-date]');
    const value = input ? shaped(input) : '';
    if (!input || value === input.value) return;
    input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
  }, true);

  function calendar(input) {
    const picker = document.createElement('input');
    picker.type = input.dataset.date === 'day' ? 'date' : 'month';
    if (picker.type === 'text' || !picker.showPicker || input.disabled || input.readOnly || input.dataset.calendar) return;
    input.dataset.calendar = 'yes';
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'btn text calendar';
    button.textContent = '▾';
    button.setAttribute('aria-label', word + ' · ' + nameOf(input));
    picker.className = 'picker';
    picker.tabIndex = -1;
    picker.setAttribute('aria-hidden', 'true');
    picker.addEventListener('change', function () {
      input.value = picker.value;
      input.dispatchEvent(new Event('input', { bubbles: true }));
      input.dispatchEvent(new Event('change', { bubbles: true }));
      input.focus();
    });
    button.addEventListener('click', function () { picker.value = shaped(input); try { picker.showPicker(); } catch (error) { input.focus(); } });
    const box = document.createElement('span');
    box.className = 'with-calendar';
    input.replaceWith(box);
    box.append(input, button, picker);
  }
  function nameOf(input) {
    const label = input.labels && input.labels[0];
    return (input.getAttribute('aria-label') || (label && label.textContent) || '').replace('*', '').trim();
  }
  function calendars(root) { root.querySelectorAll('[data-date]').forEach(calendar); }
  document.addEventListener('row-added', function (event) { calendars(event.detail); });
  calendars(document);
})();
