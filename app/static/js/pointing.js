// A press on any text leads to the page that changes its words; with Alt, or from the keyboard, it does what it always does.
(function () {
  'use strict';
  const bar = document.querySelector('[data-pointing]');
  if (!bar) return;
  document.body.classList.add('pointing');

  function nodeAt(event) {
    if (document.caretPositionFromPoint) {
      const place = document.caretPositionFromPoint(event.clientX, event.clientY);
      return place && place.offsetNode;
    }
    const range = document.caretRangeFromPoint && document.caretRangeFromPoint(event.clientX, event.clientY);
    return range && range.startContainer;
  }
  function named(element) {
    return ['placeholder', 'aria-label', 'title', 'alt'].map(function (name) { return element.getAttribute(name); }).find(Boolean);
  }
  function textOf(event) {
    const element = event.target;
    if (element.matches('select')) return element.selectedOptions[0] ? element.selectedOptions[0].text : named(element);
    if (element.matches('input, textarea')) return /^(submit|button|reset)$/.test(element.type) ? element.value : named(element);
    const node = nodeAt(event);
    if (node && node.nodeType === Node.TEXT_NODE && element.contains(node) && node.data.trim()) return node.data;
    const own = Array.from(element.childNodes).find(function (one) { return one.nodeType === Node.TEXT_NODE && one.data.trim(); });
    return own ? own.data : named(element) || element.innerText || '';
  }
  document.addEventListener('click', function (event) {
    if (event.detail === 0 || event.target.closest('.draft-bar')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.altKey) {
      // browsers save what a link leads to when Alt is held down: press it anew, without
      const pressed = event.target.closest('a, button, summary, label, input, select, textarea');
      if (pressed) { pressed.focus(); pressed.click(); }
      return;
    }
    const text = (textOf(event) || '').replace(/\s+/g, ' ').trim().slice(0, 400);
    if (!text) return;
    const here = location.pathname + location.search;
    location.href = bar.dataset.pointing + '?' + new URLSearchParams({ q: text, back: here });
  }, true);
})();
