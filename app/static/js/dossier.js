// A section of the application saves by itself: a pause in typing is enough. What is refused stays on the page.
(function () {
  'use strict';
  const form = document.querySelector('form[data-autosave]');
  if (!form || form.querySelector('fieldset[disabled]')) return;
  const PAUSE = 2500;
  const status = form.querySelector('[data-autosaved]');
  let timer = 0;
  let running = false;
  let changes = 0;

  function say(text, isLate) {
    status.textContent = text;
    status.classList.toggle('late', isLate);
  }

  async function save() {
    if (running || form.dataset.sent) return;
    running = true;
    const before = changes;
    try {
      const body = new FormData(form);
      body.set('do', 'autosave');
      const answer = await fetch(form.action, { method: 'POST', body: body, headers: { Accept: 'application/json' }, redirect: 'error' });
      const told = await answer.json();
      if (!answer.ok) { say(told.refused || form.dataset.wordFailed, true); return; }
      form.elements.revision.value = told.revision;
      say(form.dataset.wordSaved.replace('{time}', told.saved_at), false);
      if (changes === before) delete form.dataset.dirty;
    } catch (error) {
      say(form.dataset.wordFailed, true);
    } finally {
      running = false;
      if (changes !== before) wait();
    }
  }

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  }

  form.addEventListener('input', function () { changes += 1; wait(); });
  form.addEventListener('change', function () { changes += 1; wait(); });
})();
