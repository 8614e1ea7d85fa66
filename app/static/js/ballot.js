// The ballot: one letter a candidate, sealed to the key of the round before it leaves this browser.
(function () {
  'use strict';
  const form = document.querySelector('[data-ballot]');
  if (!form) return;
  const words = form.dataset, said = form.querySelector('[data-said]'), limits = JSON.parse(words.limits);
  const rest = form.querySelector('[data-rest]'), left = form.querySelector('[data-left]');
  const canSeal = Boolean(window.crypto && crypto.subtle);
  const bytes = new TextEncoder();

  function say(text, isFault) { said.textContent = text; said.classList.toggle('late', Boolean(isFault)); }
  function fields() { return Array.from(form.querySelectorAll('[name^="choice-"]')); }
  function letters() {
    const chosen = new Map();
    fields().forEach(function (field) {
      const place = Number(field.name.slice(7));
      if (!chosen.has(place)) chosen.set(place, '');
      if (field.type === 'hidden' || field.checked) chosen.set(place, field.value);
    });
    return Array.from(chosen.keys()).sort(function (a, b) { return a - b; }).map(function (place) { return chosen.get(place); });
  }
  function fault(given) {
    if (given.includes('')) return words.wordMissing;
    const broken = limits.find(function (one) { return one.positions.filter(function (place) { return given[place - 1] === 'y'; }).length > one.most; });
    return broken ? words.wordLimit.replace('{most}', broken.most) : '';
  }
  function raw(text) { return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), function (c) { return c.charCodeAt(0); }); }
  function text(data) { return btoa(String.fromCharCode.apply(null, data)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, ''); }
  async function seal(plain) {
    const curve = { name: 'ECDH', namedCurve: 'P-256' };
    const peer = await crypto.subtle.importKey('raw', raw(words.key), curve, false, []);
    const own = await crypto.subtle.generateKey(curve, true, ['deriveBits']);
    const point = new Uint8Array(await crypto.subtle.exportKey('raw', own.publicKey));
    const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: peer }, own.privateKey, 256);
    const base = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
    const info = bytes.encode(words.alg + '\0' + words.context);
    const key = await crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(32), info: info }, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt']);
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const body = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData: bytes.encode(words.context) }, key, bytes.encode(plain)));
    const whole = new Uint8Array(point.length + nonce.length + body.length);
    whole.set(point); whole.set(nonce, point.length); whole.set(body, point.length + nonce.length);
    return text(whole);
  }
  function sure(given) {
    const count = function (letter) { return given.filter(function (one) { return one === letter; }).length; };
    return words.wordSure.replace('{yes}', count('y')).replace('{no}', count('n')).replace('{abstain}', count('a'));
  }
  function showLeft(given) {
    const missing = given.filter(function (one) { return one === ''; }).length;
    left.textContent = missing ? words.wordLeft.replace('{left}', missing).replace('{all}', given.length) : '';
    rest.querySelectorAll('button').forEach(function (button) { button.disabled = !missing; });
  }
  function goToMissing() {
    const place = letters().indexOf('') + 1, first = place && form.querySelector('[data-position="' + place + '"]');
    if (first) { first.closest('tr').scrollIntoView({ block: 'center' }); first.focus({ preventScroll: true }); }
  }
  // the question itself is asked by shell.js, which sends the form again once it is answered
  function check() {
    const given = letters(), why = fault(given);
    showLeft(given);
    if (why) delete words.ask; else words.ask = sure(given);
    return why;
  }
  form.addEventListener('submit', async function (event) {
    const why = check();
    if (why) { event.preventDefault(); event.stopPropagation(); say(why, true); goToMissing(); return; }
    event.preventDefault();
    if (!words.asked) {
      if ('showModal' in document.getElementById('ask')) { form.requestSubmit(); return; }
      if (!window.confirm(words.ask)) return;
    }
    if (canSeal) {
      form.elements.sealed.value = await seal(letters().join(''));
      fields().forEach(function (field) { field.disabled = true; });
    }
    form.submit();
  });
  rest.addEventListener('click', function (event) {
    if (event.target.type !== 'button') return;
    letters().forEach(function (letter, place) {
      if (letter === '') form.querySelector('[data-position="' + (place + 1) + '"][value="' + event.target.value + '"]').checked = true;
    });
    form.dispatchEvent(new Event('change'));
  });
  form.addEventListener('change', function () {
    const why = check(), isOpen = why === words.wordMissing;
    say(why && !isOpen ? why : canSeal ? words.wordSealed : words.wordPlain, Boolean(why && !isOpen));
  });
  rest.hidden = false;
  check();
  say(canSeal ? words.wordSealed : words.wordPlain);
})();
