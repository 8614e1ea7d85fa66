// The ballot: one letter a candidate, sealed to the key of the round (HPKE, RFC 9180) before it leaves this browser.
(function () {
  'use strict';
  const form = document.querySelector('[data-ballot]');
  if (!form) return;
  const words = form.dataset, said = form.querySelector('[data-said]'), limits = JSON.parse(words.limits);
  const rest = form.querySelector('[data-rest]'), left = form.querySelector('[data-left]');
  const ALG = 'hpke-p256-hkdf-sha256-aes256gcm', bytes = new TextEncoder();
  // null where the browser cannot seal, over plain http for example: the program seals the ballot then
  const loading = window.crypto && crypto.subtle && words.alg === ALG ? import(words.hpke).catch(function () { return null; }) : Promise.resolve(null);
  let how = '';

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
  async function seal(hpke, plain) {
    const suite = new hpke.CipherSuite(hpke.KEM_DHKEM_P256_HKDF_SHA256, hpke.KDF_HKDF_SHA256, hpke.AEAD_AES_256_GCM);
    const key = await suite.DeserializePublicKey(raw(words.key));
    const sealed = await suite.Seal(key, bytes.encode(plain), { info: bytes.encode(ALG + '\0' + words.context) });
    return text(hpke.concat(sealed.encapsulatedSecret, sealed.ciphertext));
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
    const hpke = await loading;
    if (hpke) {
      form.elements.sealed.value = await seal(hpke, letters().join(''));
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
    say(why && !isOpen ? why : how, Boolean(why && !isOpen));
  });
  rest.hidden = false;
  check();
  loading.then(function (hpke) { how = hpke ? words.wordSealed : words.wordPlain; say(how); });
})();
