// The page that waits for a registration on the phone: counts down, asks every two seconds, goes on when it is done.
(function () {
  'use strict';
  const box = document.querySelector('[data-waiting]');
  if (!box) return;
  const alive = box.querySelector('[data-alive]');
  const over = box.querySelector('[data-over]');
  const say = box.querySelector('[data-say]');
  const countdown = box.querySelector('[data-countdown]');
  const words = box.dataset;
  // seconds by the server's clock, counted on by a clock of ours that nobody sets
  let left = Number(words.left);
  let since = performance.now();
  let timer = 0;
  let asking = false;

  function remaining() { return Math.max(0, Math.ceil(left - (performance.now() - since) / 1000)); }
  function tell(text) { if (say.textContent !== text) say.textContent = text; }

  function stop() {
    clearInterval(timer);
    alive.hidden = true;
    over.hidden = false;
  }

  function finish() {
    clearInterval(timer);
    // after a refusal the person presses: pressing by itself again would never end
    if ('hold' in words) return;
    tell(words.wordConfirmed);
    box.querySelector('[data-finish]').requestSubmit();
  }

  function follow(state) {
    left = state.left;
    since = performance.now();
    if (state.stage === 'confirmed') finish();
    // the number is drawn by the server, once somebody has registered
    else if (state.stage === 'done' && words.stage !== 'done') location.reload();
    else if (state.stage === 'over') stop();
    else tell(state.stage === 'done' ? words.wordDone : state.stage === 'opened' ? words.wordOpened : '');
  }

  function ask() {
    if (asking) return;
    asking = true;
    fetch(words.waiting, { headers: { 'Accept': 'application/json' }, cache: 'no-store', signal: AbortSignal.timeout ? AbortSignal.timeout(10000) : undefined })
      .then(function (answer) { if (!answer.ok) throw new Error(String(answer.status)); return answer.json(); })
      .then(function (state) { asking = false; follow(state); })
      .catch(function () { asking = false; tell(words.wordLost); });
  }

  let ticks = 0;
  function tick() {
    const seconds = remaining();
    countdown.textContent = Math.floor(seconds / 60) + ':' + String(seconds % 60).padStart(2, '0');
    if (!seconds) { stop(); return; }
    ticks += 1;
    if (ticks % 2 === 0) ask();
  }

  if (words.stage === 'over') return;
  if (words.stage === 'confirmed') { finish(); return; }
  timer = setInterval(tick, 1000);
  window.addEventListener('online', ask);
  document.addEventListener('visibilitychange', function () { if (!document.hidden) tick(); });
})();
