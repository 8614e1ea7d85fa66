// Beside the phone's pages: static files come from the phone, pages from the server only, and without a network
// a page says so. Nothing personal is ever kept here.
'use strict';
const KEPT = {{ kept|tojson }};
const OFFLINE = {{ offline|tojson }};
const CACHE = 'phone-' + KEPT.map(function (url) { return url.split('v=')[1] || ''; }).join('');

self.addEventListener('install', function (event) {
  event.waitUntil(caches.open(CACHE).then(function (cache) { return cache.addAll(KEPT); }).then(function () { return self.skipWaiting(); }));
});

self.addEventListener('activate', function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    return Promise.all(names.filter(function (name) { return name !== CACHE; }).map(function (name) { return caches.delete(name); }));
  }).then(function () { return self.clients.claim(); }));
});

self.addEventListener('fetch', function (event) {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith('/static/')) {
    event.respondWith(caches.match(request).then(function (known) { return known || fetch(request); }));
  } else if (request.mode === 'navigate') {
    event.respondWith(fetch(request).catch(function () { return caches.match(OFFLINE); }));
  }
});
