// Papers opened large: pages as pictures, turned by buttons or keys, enlarged; the focus goes back to where it was.
(function () {
  'use strict';
  const viewer = document.getElementById('viewer');
  if (!viewer) return;
  const ZOOMS = [1, 1.5, 2, 3];
  const TRIES = 5;
  const AGAIN = 2500;
  const image = viewer.querySelector('[data-viewer-image]');
  const fault = viewer.querySelector('[data-viewer-fault]');
  const sheet = viewer.querySelector('[data-viewer-sheet]');
  const line = viewer.querySelector('[data-viewer-page]');
  let open = null;

  function show() {
    const words = viewer.dataset.wordPage.replace('{page}', open.page).replace('{pages}', open.pages);
    line.textContent = words;
    image.alt = open.name + ', ' + words;
    image.hidden = false;
    fault.hidden = true;
    image.style.width = 'calc(min(100%, 900px) * ' + ZOOMS[open.zoom] + ')';
    const address = open.base + open.page + '?width=' + (open.zoom ? 'large' : 'page');
    if (image.getAttribute('src') !== address) { open.tries = 0; image.src = address; }
    viewer.querySelector('[data-viewer-turn="-1"]').disabled = open.page <= 1;
    viewer.querySelector('[data-viewer-turn="1"]').disabled = open.page >= open.pages;
    viewer.querySelector('[data-viewer-zoom="-1"]').disabled = open.zoom <= 0;
    viewer.querySelector('[data-viewer-zoom="1"]').disabled = open.zoom >= ZOOMS.length - 1;
  }

  function turn(to) {
    const page = Math.min(open.pages, Math.max(1, to));
    if (page === open.page) return;
    open.page = page;
    sheet.scrollTop = 0;
    show();
  }

  function zoom(by) {
    open.zoom = Math.min(ZOOMS.length - 1, Math.max(0, open.zoom + by));
    show();
  }

  // Drawn a little later when many look at once: asked for again a few times before it is given up.
  image.addEventListener('error', function () {
    if (!open) return;
    open.tries += 1;
    const address = image.getAttribute('src');
    if (open.tries < TRIES) {
      setTimeout(function () { if (open && image.getAttribute('src') === address) image.src = address; }, AGAIN);
      return;
    }
    image.hidden = true;
    fault.textContent = viewer.dataset.wordFailed;
    fault.hidden = false;
  });

  document.addEventListener('click', function (event) {
    const button = event.target.closest('[data-view]');
    if (!button) return;
    open = { base: button.dataset.view, pages: Number(button.dataset.viewPages) || 1, name: button.dataset.viewName, page: 1, zoom: 0, tries: 0, from: button };
    viewer.querySelector('#viewer-name').textContent = open.name;
    viewer.querySelector('[data-viewer-link]').href = button.dataset.viewLink;
    image.removeAttribute('src');
    show();
    viewer.showModal();
    sheet.focus();
  });

  viewer.addEventListener('click', function (event) {
    const turned = event.target.closest('[data-viewer-turn]');
    const zoomed = event.target.closest('[data-viewer-zoom]');
    if (turned) turn(open.page + Number(turned.dataset.viewerTurn));
    if (zoomed) zoom(Number(zoomed.dataset.viewerZoom));
    if (event.target.closest('[data-viewer-close]')) viewer.close();
  });

  const KEYS = {
    ArrowLeft: function () { turn(open.page - 1); },
    ArrowRight: function () { turn(open.page + 1); },
    PageUp: function () { turn(open.page - 1); },
    PageDown: function () { turn(open.page + 1); },
    Home: function () { turn(1); },
    End: function () { turn(open.pages); },
    '+': function () { zoom(1); },
    '=': function () { zoom(1); },
    '-': function () { zoom(-1); },
  };
  viewer.addEventListener('keydown', function (event) {
    const act = !event.ctrlKey && !event.altKey && !event.metaKey && KEYS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // The page behind cannot be reached; from the last button the focus goes on to the first.
  viewer.addEventListener('keydown', function (event) {
    if (event.key !== 'Tab') return;
    const stops = Array.from(viewer.querySelectorAll('a[href], button:not([disabled]), [tabindex="0"]'));
    const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
    if (document.activeElement !== edge) return;
    event.preventDefault();
    stops[event.shiftKey ? stops.length - 1 : 0].focus();
  });

  viewer.addEventListener('close', function () {
    const back = open && open.from;
    open = null;
    image.removeAttribute('src');
    if (back && back.isConnected) back.focus();
  });
})();
