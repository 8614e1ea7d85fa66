// The matrix of permissions: sticky headings where a table fits, and how many ticks are not collected yet.
(function () {
  'use strict';
  const said = document.querySelector('[data-ticked]');
  function changed(box) { return box.checked !== box.defaultChecked; }
  document.addEventListener('change', function (event) {
    const box = event.target;
    if (box.name !== 'cell') return;
    box.closest('td').classList.toggle('ticked', changed(box));
    const count = Array.from(document.querySelectorAll('input[name="cell"]')).filter(changed).length;
    if (said) said.textContent = count ? said.dataset.ticked.replace('{n}', count) : '';
  });
  function fit() {
    document.querySelectorAll('.rights .scroll').forEach(function (scroll) {
      scroll.classList.remove('fits');
      const fits = scroll.firstElementChild.scrollWidth <= scroll.clientWidth;
      scroll.classList.toggle('fits', fits);
      if (fits) scroll.removeAttribute('tabindex'); else scroll.tabIndex = 0;
    });
  }
  document.querySelectorAll('.rights').forEach(function (chapter) { chapter.addEventListener('toggle', fit); });
  window.addEventListener('resize', fit);
  fit();
})();
