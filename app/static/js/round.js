// The number of ballots in the box, asked again while the page is open.
(function () {
  'use strict';
  const SECONDS = 4, box = document.querySelector('#s-box dd');
  if (!box) return;
  const address = location.pathname.replace(/\/$/, '') + '/count';
  let known = '';
  async function look() {
    if (document.hidden) return;
    try {
      const answer = await fetch(address, { headers: { Accept: 'application/json', 'X-Requested-With': 'fetch' } });
      if (!answer.ok) return;
      const told = await answer.json();
      box.textContent = box.textContent.replace(/\d+/, String(Number(told.cast)));
      if (known && known !== told.state && !document.querySelector('[data-dirty]')) location.reload();
      known = told.state;
    } catch (e) { /* asked again */ }
  }
  setInterval(look, SECONDS * 1000);
  look();
})();
