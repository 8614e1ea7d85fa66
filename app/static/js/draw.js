// The draw: the browser makes the secret and posts its digest only. Without WebCrypto (plain http) the typed secret is sent.
(function () {
  'use strict';
  const BYTES = 16;

  function plain(text) { return text.replace(/[\s-]+/g, '').toLowerCase(); }
  function grouped(text) { return text.replace(/(.{4})(?=.)/g, '$1-'); }
  function hex(bytes) { return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join(''); }
  function keep(key, value) { try { localStorage.setItem(key, value); } catch (e) { /* private window */ } }
  function kept(key) { try { return localStorage.getItem(key) || ''; } catch (e) { return ''; } }

  async function commitment(pool, role, secret) {
    const text = ['zc-draw-commit-v1', pool, role, secret].join('\0');
    return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));
  }

  function commit(field) {
    const form = field.form, digest = form.querySelector('[data-draw-digest]');
    if (!digest || !window.crypto || !crypto.subtle) return;
    const data = field.dataset;
    if (!field.value) field.value = kept(data.keep) || grouped(hex(crypto.getRandomValues(new Uint8Array(BYTES))));
    digest.readOnly = true;
    async function fill() {
      const secret = plain(field.value);
      digest.value = '';
      if (!/^[0-9a-z]{16,128}$/.test(secret)) return;
      keep(data.keep, field.value);
      digest.value = await commitment(data.pool, data.role, secret);
    }
    field.addEventListener('input', fill);
    // the secret stays here: what is posted is its digest
    form.addEventListener('formdata', (event) => { if (digest.value) event.formData.delete(field.name); });
    fill();
  }

  function reveal(field) {
    if (!field.value) field.value = kept(field.dataset.keep);
  }

  document.querySelectorAll('[data-draw="commit"][data-pool]').forEach(commit);
  document.querySelectorAll('[data-draw="reveal"][data-pool]').forEach(reveal);
})();
