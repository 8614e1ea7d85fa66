// The phone's pages: the program beside them, and the offer to install.
(function () {
  'use strict';
  if ('serviceWorker' in navigator) navigator.serviceWorker.register('/m/app/worker.js', { scope: '/m/' }).catch(function () { /* the pages work without it */ });
  const offer = document.querySelector('[data-install]');
  window.addEventListener('beforeinstallprompt', function (event) {
    event.preventDefault();
    if (!offer) return;
    offer.hidden = false;
    offer.querySelector('button').addEventListener('click', function () { offer.hidden = true; event.prompt(); }, { once: true });
  });
})();
