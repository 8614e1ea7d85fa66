// Case page: J next, K previous, A and R the first and second decision; the section in view.
(function () {
  'use strict';
  function busy(target) { return target.closest('input:not([type="radio"]):not([type="checkbox"]), select, textarea, [contenteditable]') || document.querySelector('dialog[open]'); }
  function decide(at) {
    const act = document.querySelector('.acts-card details[open]');
    const radios = act ? act.querySelectorAll('input[type="radio"]') : [];
    const choice = radios[at] || null;
    if (choice) { choice.checked = true; choice.dispatchEvent(new Event('change', { bubbles: true })); choice.focus(); return; }
    const other = document.querySelectorAll('.acts-card details')[at];
    if (other) { other.open = true; other.querySelector('summary').focus(); }
  }
  document.addEventListener('keydown', function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || busy(event.target)) return;
    const key = event.key.toLowerCase();
    const link = (key === 'j' || key === 'k') && document.querySelector('a[data-key="' + key + '"]');
    if (link) link.click();
    if (key === 'a') decide(0);
    if (key === 'r') decide(1);
  });

  const marks = new Map(Array.from(document.querySelectorAll('.toc a')).map(function (a) { return [a.hash.slice(1), a]; }));
  if (marks.size && 'IntersectionObserver' in window) {
    const watch = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        if (!entry.isIntersecting) return;
        marks.forEach(function (a) { a.classList.remove('here'); a.removeAttribute('aria-current'); });
        const here = marks.get(entry.target.id);
        here.classList.add('here');
        here.setAttribute('aria-current', 'true');
      });
    }, { rootMargin: '-70px 0px -75% 0px' });
    marks.forEach(function (a, id) { const section = document.getElementById(id); if (section) watch.observe(section); });
  }
})();
