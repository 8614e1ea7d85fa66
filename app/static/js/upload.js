// Uploads in pieces: progress, pause, going on after a lost line or a reloaded page, one file after the other.
// Without this script the form sends the files itself; what is judged and said is the same.
(function () {
  'use strict';
  const words = (document.querySelector('[data-upload-words]') || {}).dataset;
  if (!words || !window.fetch || !window.XMLHttpRequest || !File.prototype.slice) return;
  const PIECE = 512 * 1024;
  const MEGABYTE = 1048576;
  const DOTS = 40000000;
  const SIDES = [3000, 2400, 1800, 1600];
  const QUALITIES = [0.88, 0.75];
  const PLACE = 'upload ' + location.pathname.replace(/^\/m\//, '/me/') + ' ';
  const waiting = window.uploadQueue;
  const items = [];
  const queue = [];
  let busy = null;

  function say(text, values) {
    return Object.keys(values || {}).reduce(function (said, key) { return said.replace('{' + key + '}', values[key]); }, text);
  }
  function size(bytes) { return bytes >= MEGABYTE ? (bytes / MEGABYTE).toFixed(1) + ' MB' : Math.ceil(bytes / 1024) + ' KB'; }
  function percent(item) { return Math.floor(100 * item.received / item.file.size); }
  function card(kind) { return document.getElementById('kind-' + kind); }

  // what is remembered of an unfinished upload, so that it goes on after the page was loaded anew

  function keyOf(item) { return PLACE + [item.kind, item.name, item.file.size].join(' '); }
  function remember(item) {
    try { localStorage.setItem(keyOf(item), JSON.stringify({ token: item.token, kind: item.kind, name: item.name, size: item.file.size })); } catch (error) { /* a full or closed store only costs going on */ }
  }
  function forget(key) { waiting.drop(key); try { localStorage.removeItem(key); } catch (error) { /* see above */ } }
  function remembered(key) { try { return JSON.parse(localStorage.getItem(key)); } catch (error) { return null; } }

  // the line of one file below its card

  function line(item) {
    const box = document.createElement('li');
    const name = document.createElement('b');
    name.textContent = item.name;
    item.bar = document.createElement('progress');
    item.bar.max = 100;
    item.bar.setAttribute('aria-label', item.name);
    item.said = document.createElement('span');
    item.said.className = 'muted';
    item.hold = button(words.pause, function () { if (item.state === 'running') pause(item, 'paused', words.paused); else resume(item); });
    item.stop = button(words.cancel, function () { cancel(item); });
    box.append(name, item.bar, item.said, item.hold, item.stop);
    item.box = box;
    card(item.kind).querySelector('[data-uploads]').append(box);
  }
  function button(label, act) {
    const made = document.createElement('button');
    made.type = 'button';
    made.className = 'btn text';
    made.textContent = label;
    made.addEventListener('click', act);
    return made;
  }
  function show(item, text, isLate) {
    item.bar.value = item.file.size ? percent(item) : 0;
    item.said.textContent = text;
    item.said.className = isLate ? 'error' : 'muted';
    item.hold.textContent = item.state === 'running' ? words.pause : words.resume;
    item.hold.hidden = !['running', 'paused', 'lost'].includes(item.state);
    item.stop.textContent = item.state === 'failed' || item.state === 'done' ? words.close : words.cancel;
    item.bar.hidden = item.state === 'failed' || item.state === 'done';
  }
  function fail(item, text) {
    item.state = 'failed';
    forget(keyOf(item));
    show(item, text, true);
    next(item);
  }
  function pause(item, state, text) {
    item.state = state;
    if (item.request) item.request.abort();
    show(item, say(text, { percent: percent(item) }), state === 'lost');
    next(item);
  }
  function resume(item) {
    clearTimeout(item.timer);
    item.state = 'waiting';
    show(item, words.waiting);
    queue.unshift(item);
    next();
  }
  function cancel(item) {
    const wasOpen = !['failed', 'done'].includes(item.state);
    item.state = 'done';
    clearTimeout(item.timer);
    if (item.request) item.request.abort();
    if (wasOpen) { forget(keyOf(item)); if (item.token) send(item, 'POST', '/' + item.token + '/cancel').catch(function () {}); }
    item.box.remove();
    next(item);
  }

  // sending

  function next(ended) {
    if (ended && busy === ended) busy = null;
    if (busy) return;
    busy = queue.find(function (item) { return item.state === 'waiting'; }) || null;
    if (!busy) return;
    queue.splice(queue.indexOf(busy), 1);
    run(busy);
  }

  async function run(item) {
    item.state = 'running';
    item.since = Date.now();
    item.before = item.received;
    show(item, words.waiting);
    try {
      if (!item.token) await find(item);
      while (item.state === 'running') {
        if (item.received < item.file.size) await piece(item);
        else await finish(item);
      }
    } catch (error) {
      trouble(item, error);
    }
  }

  function trouble(item, error) {
    if (item.state !== 'running') return;
    if (error.refused) { fail(item, error.refused); return; }
    if (error.status === 400 && !item.isRenewed) { renew(item); return; }
    if (error.status === 401 || error.status === 403) { pause(item, 'paused', words.out); return; }
    if (error.status === 404 && item.token && !item.isAnew) { item.isAnew = true; item.isKept = false; item.token = ''; item.received = 0; forget(keyOf(item)); run(item); return; }
    if (error.status && error.status < 500) { fail(item, error.message || words.failed); return; }
    item.tries = (item.tries || 0) + 1;
    pause(item, 'lost', words.lost);
    item.timer = setTimeout(function () { resume(item); }, Math.min(30000, 1000 * Math.pow(2, item.tries)));
  }

  // After a new sign-in the page's token is out of date; the page itself brings the new one.
  async function renew(item) {
    item.isRenewed = true;
    try {
      const page = new DOMParser().parseFromString(await (await fetch(location.pathname)).text(), 'text/html');
      item.csrf = page.querySelector('[name="csrf_token"]').value;
      run(item);
    } catch (error) {
      trouble(item, { status: 401 });
    }
  }

  async function find(item) {
    const known = remembered(keyOf(item));
    if (known) {
      document.querySelectorAll('[data-begun]').forEach(function (box) { if (box.dataset.begun === keyOf(item)) box.remove(); });
      try {
        const state = await send(item, 'GET', '/' + known.token);
        item.token = known.token;
        item.received = item.before = state.received;
        return;
      } catch (error) {
        if (error.status !== 404) throw error;
        forget(keyOf(item));
      }
    }
    const body = new FormData();
    body.set('kind', item.kind);
    body.set('name', item.name);
    body.set('size', item.file.size);
    body.set('secret', item.secret);
    body.set('replaces', item.replaces);
    const begun = await send(item, 'POST', '', body);
    item.token = begun.token;
    item.received = item.before = begun.received;
    remember(item);
  }

  async function piece(item) {
    const from = item.received;
    const part = item.file.slice(from, from + PIECE);
    try {
      const told = await send(item, 'POST', '/' + item.token + '/piece', part, { 'Upload-Offset': String(from), 'Content-Type': 'application/octet-stream' }, function (sent) { progress(item, from + sent); });
      item.received = told.received;
      item.tries = 0;
    } catch (error) {
      if (error.status !== 409) throw error;
      item.received = error.received;
    }
    progress(item, item.received);
  }

  function progress(item, at) {
    if (item.state !== 'running') return;
    const seconds = Math.max(0.1, (Date.now() - item.since) / 1000);
    const speed = Math.max(1, (at - item.before) / seconds);
    show(item, say(words.running, { percent: Math.floor(100 * at / item.file.size), speed: size(speed), left: Math.ceil((item.file.size - at) / speed) }));
    item.bar.value = 100 * at / item.file.size;
  }

  async function finish(item) {
    show(item, words.judged);
    const body = new FormData();
    body.set('secret', item.secret);
    body.set('replaces', item.replaces);
    let told;
    try {
      told = await send(item, 'POST', '/' + item.token + '/finish', body);
    } catch (error) {
      if (error.status !== 409) throw error;
      item.received = error.received;
      return;
    }
    item.state = 'done';
    forget(keyOf(item));
    show(item, [words.done].concat(item.note || [], told.doubles).join(' '));
    await refresh(item.kind);
    next(item);
  }

  // XMLHttpRequest, because only it tells how much of a piece has left.
  function send(item, method, path, body, headers, tell) {
    return new Promise(function (resolve, reject) {
      const request = new XMLHttpRequest();
      item.request = request;
      request.open(method, item.address + path);
      request.setRequestHeader('Accept', 'application/json');
      request.setRequestHeader('X-Requested-With', 'fetch');
      request.setRequestHeader('X-CSRFToken', item.csrf);
      Object.keys(headers || {}).forEach(function (name) { request.setRequestHeader(name, headers[name]); });
      if (tell) request.upload.addEventListener('progress', function (event) { tell(event.loaded); });
      request.addEventListener('load', function () {
        let told = {};
        try { told = JSON.parse(request.responseText); } catch (error) { /* a page instead of an answer says nothing here */ }
        const isElsewhere = !new URL(request.responseURL).pathname.startsWith(item.address);
        if (isElsewhere) reject({ status: 401 });
        else if (request.status >= 200 && request.status < 300) resolve(told);
        else reject({ status: request.status, refused: request.status === 422 ? told.refused || told.message : '', received: told.received, message: told.message });
      });
      ['error', 'abort', 'timeout'].forEach(function (kind) { request.addEventListener(kind, function () { reject({ status: 0 }); }); });
      request.send(body || null);
    });
  }

  // The card as it stands now, with the lines of the uploads that go on in it.
  async function refresh(kind) {
    const answer = await fetch(location.pathname, { headers: { 'X-Requested-With': 'fetch' } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('kind-' + kind);
    const old = card(kind);
    if (!fresh || !old) return;
    fresh.querySelector('[data-uploads]').replaceWith(old.querySelector('[data-uploads]'));
    old.replaceWith(document.adoptNode(fresh));
    history.replaceState(null, '', location.pathname + '#kind-' + kind);
  }

  // choosing

  function complain(form, text) {
    const place = document.getElementById('e-' + form.elements.kind.value);
    place.textContent = text;
    place.hidden = !text;
  }

  function whyNot(form, file) {
    const input = form.querySelector('input[type="file"]');
    const accepted = input.accept.split(',');
    const suffix = (file.name.match(/\.[^.]+$/) || [''])[0].toLowerCase();
    if (!file.size) return say(words.empty, { name: file.name });
    if (['.heic', '.heif'].includes(suffix) || /hei[cf]/.test(file.type)) return say(words.heic, { name: file.name });
    if (!accepted.includes(suffix) && !accepted.includes(file.type)) return say(words.type, { name: file.name });
    return '';
  }

  // A picture that is too large is drawn smaller while that leaves its writing readable.
  async function fitted(file, limit) {
    if (!/^image\/(jpeg|png)$/.test(file.type) || !window.createImageBitmap) return file;
    let picture;
    try { picture = await createImageBitmap(file); } catch (error) { return file; }
    if (file.size <= limit && picture.width * picture.height <= DOTS) return file;
    const longest = Math.max(picture.width, picture.height);
    for (const side of SIDES) {
      for (const quality of QUALITIES) {
        const drawn = await smaller(picture, Math.min(1, side / longest), quality);
        if (drawn && drawn.size <= limit) return new File([drawn], file.name.replace(/\.[^.]+$/, '') + '.jpg', { type: 'image/jpeg' });
      }
    }
    return file;
  }
  function smaller(picture, scale, quality) {
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const brush = canvas.getContext('2d');
    brush.fillStyle = '#fff';
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
    return new Promise(function (resolve) { canvas.toBlob(resolve, 'image/jpeg', quality); });
  }

  function added(form, file, name, replaces) {
    const item = {
      address: form.dataset.upload, csrf: form.elements.csrf_token.value, kind: form.elements.kind.value, secret: 'no',
      replaces: replaces, file: file, name: name, received: 0, token: '', state: 'waiting',
    };
    items.push(item);
    line(item);
    show(item, words.waiting);
    return item;
  }
  async function take(form, file) {
    const limit = Number(form.querySelector('[data-max-mb]').dataset.maxMb) * MEGABYTE;
    const item = added(form, file, file.name, form.elements.replaces ? form.elements.replaces.value : '');
    const why = whyNot(form, file);
    if (why) { fail(item, why); return; }
    item.file = await fitted(file, limit);
    item.name = item.file.name;
    if (item.file !== file) item.note = say(words.reduced, { before: size(file.size), after: size(item.file.size) });
    if (item.file.size > limit) { fail(item, say(words.large, { name: item.name, limit: limit / MEGABYTE })); return; }
    queue.push(item);
    item.isKept = await waiting.keep({ key: keyOf(item), kind: item.kind, name: item.name, replaces: item.replaces, file: item.file });
    next();
  }

  // Nothing secret is said once a visit: the ticks of the other kinds follow, and go.
  function declare() {
    document.querySelectorAll('form[data-upload] input[type="checkbox"][name="secret"]').forEach(function (tick) { tick.checked = true; tick.closest('.choice').hidden = true; });
  }

  document.addEventListener('submit', function (event) {
    const form = event.target.closest('form[data-upload]');
    if (!form || (event.submitter && event.submitter.name === 'secret')) return;
    event.preventDefault();
    const inputs = Array.from(form.querySelectorAll('input[type="file"]'));
    const chosen = inputs.flatMap(function (input) { return Array.from(input.files); });
    const tick = form.querySelector('input[name="secret"]');
    const ticked = tick.type === 'hidden' || tick.checked;
    complain(form, !chosen.length ? words.none : !ticked ? words.tick : '');
    if (!chosen.length || !ticked) return;
    declare();
    chosen.forEach(function (file) { take(form, file); });
    inputs.forEach(function (input) { input.value = ''; input.dispatchEvent(new Event('change')); });
  }, true);

  window.addEventListener('online', function () {
    items.filter(function (item) { return item.state === 'lost'; }).forEach(resume);
  });
  window.addEventListener('beforeunload', function (event) {
    const isLost = items.some(function (item) { return !item.isKept && !['failed', 'done'].includes(item.state); });
    if (isLost) event.preventDefault();
  });

  // what was waiting or begun before the page was loaded anew

  function formOf(kind) { const place = card(kind); return place && place.querySelector('form[data-upload]'); }
  function note(kind, text) {
    const box = document.createElement('li');
    const said = document.createElement('span');
    said.textContent = text;
    box.append(said);
    card(kind).querySelector('[data-uploads]').append(box);
    return box;
  }
  async function goOn() {
    for (const one of await waiting.kept(PLACE)) {
      const form = formOf(one.kind);
      if (!form) { waiting.drop(one.key); continue; }
      const item = added(form, one.file, one.name, one.replaces);
      item.isKept = true;
      queue.push(item);
    }
    waiting.named(PLACE).forEach(function (one) { if (card(one.kind)) note(one.kind, say(words.unsent, { name: one.name })).className = 'error'; });
    Object.keys(localStorage).filter(function (key) { return key.startsWith(PLACE); }).forEach(begun);
    next();
  }
  async function begun(key) {
    if (items.some(function (item) { return keyOf(item) === key; })) return;
    const known = remembered(key);
    const form = known && formOf(known.kind);
    if (!form) { forget(key); return; }
    const item = { address: form.dataset.upload, csrf: form.elements.csrf_token.value };
    try {
      const state = await send(item, 'GET', '/' + known.token);
      const box = note(known.kind, say(words.begun, { name: known.name, percent: Math.floor(100 * state.received / known.size) }));
      box.dataset.begun = key;
      box.append(button(words.cancel, function () { forget(key); send(item, 'POST', '/' + known.token + '/cancel').catch(function () {}); box.remove(); }));
    } catch (error) {
      if (error.status === 404) forget(key);
    }
  }

  const folded = location.hash && document.getElementById(location.hash.slice(1));
  if (folded && folded.closest('details')) { folded.closest('details').open = true; folded.scrollIntoView(); }
  goOn();
})();
