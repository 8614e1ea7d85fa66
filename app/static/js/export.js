// What an export holds: one press ticks all of a section, the next one none.
(function () {
  'use strict';
  document.querySelectorAll('[data-tick-group]').forEach(function (button) {
    button.addEventListener('click', function () {
      const boxes = Array.from(button.closest('fieldset').querySelectorAll('input[type="checkbox"]'));
      const on = boxes.some(function (box) { return !box.checked; });
      boxes.forEach(function (box) { box.checked = on; });
    });
  });
})();
