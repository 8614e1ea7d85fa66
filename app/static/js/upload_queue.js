// Files that wait for their turn are kept in the browser until they have arrived, so that leaving the page loses none.
// Where the browser keeps no files (private windows, a full disk), their names are kept, to be said on return.
(function () {
  'use strict';
  const BASE = 'uploads';
  const STORE = 'files';
  const HOURS = 24;
  const UNSENT = 'unsent ';

  function opened() {
    return new Promise(function (resolve, reject) {
      if (!window.indexedDB) { reject(new Error()); return; }
      const request = indexedDB.open(BASE, 1);
      request.onupgradeneeded = function () { request.result.createObjectStore(STORE, { keyPath: 'key' }); };
      request.onsuccess = function () { resolve(request.result); };
      request.onerror = reject;
    });
  }
  async function within(mode, act) {
    const base = await opened();
    try {
      return await new Promise(function (resolve, reject) {
        const transaction = base.transaction(STORE, mode);
        const request = act(transaction.objectStore(STORE));
        transaction.oncomplete = function () { resolve(request.result); };
        transaction.onerror = transaction.onabort = reject;
      });
    } finally {
      base.close();
    }
  }

  // Keeps a file under its key; says whether the file itself is kept, not only its name.
  async function keep(entry) {
    try {
      await within('readwrite', function (store) { return store.put(Object.assign({ at: Date.now() }, entry)); });
      return true;
    } catch (error) {
      try { localStorage.setItem(UNSENT + entry.key, JSON.stringify({ kind: entry.kind, name: entry.name })); } catch (full) { /* nothing can be kept */ }
      return false;
    }
  }
  async function drop(key) {
    try { localStorage.removeItem(UNSENT + key); } catch (error) { /* nothing was kept */ }
    try { await within('readwrite', function (store) { return store.delete(key); }); } catch (error) { /* nothing was kept */ }
  }
  // The files of a page, oldest first; what is older than a day is dropped.
  async function kept(place) {
    let all = [];
    try { all = await within('readonly', function (store) { return store.getAll(); }); } catch (error) { return []; }
    all.filter(function (one) { return Date.now() - one.at > HOURS * 3600000; }).forEach(function (one) { drop(one.key); });
    return all.filter(function (one) { return one.key.startsWith(place) && Date.now() - one.at <= HOURS * 3600000; })
      .sort(function (one, other) { return one.at - other.at; });
  }
  // The names of files of a page that were not sent and could not be kept; each is said once.
  function named(place) {
    return Object.keys(localStorage).filter(function (key) { return key.startsWith(UNSENT + place); }).map(function (key) {
      const one = JSON.parse(localStorage.getItem(key));
      localStorage.removeItem(key);
      return one;
    });
  }

  window.uploadQueue = { keep: keep, drop: drop, kept: kept, named: named };
})();
