// Lines that are put in order: a line moves past its neighbour; the button keeps the focus, as only the neighbour is taken out of the page.
(function () {
  'use strict';
  document.querySelectorAll('[data-columns]').forEach(function (list) {
    list.addEventListener('click', function (event) {
      const button = event.target.closest('[data-move]');
      const line = button && button.closest('[data-line]');
      if (!line) return;
      if (button.dataset.move === '1') { if (line.nextElementSibling) line.before(line.nextElementSibling); }
      else if (line.previousElementSibling) line.after(line.previousElementSibling);
    });
  });
}());
