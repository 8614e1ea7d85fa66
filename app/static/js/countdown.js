// Deadlines count down by the server's clock: the page knows the server's "now" and how long ago that was.
(function () {
  'use strict';
  const MINUTE = 60000;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  const URGENT = 3 * DAY;
  // only what passed since the page arrived is taken from this device, never its time of day; of its two
  // clocks one stands still while it sleeps, the other may be set back
  const began = { clock: Date.now(), page: performance.now() };
  function passed() { return Math.max(Date.now() - began.clock, performance.now() - began.page); }

  function words(timer, left) {
    const say = timer.dataset;
    if (left < 0) return say.wordOver;
    const parts = {
      days: Math.floor(left / DAY),
      hours: Math.floor(left / HOUR) % 24,
      minutes: Math.floor(left / MINUTE) % 60,
    };
    const pattern = left >= DAY ? say.wordDays : left >= HOUR ? say.wordHours : say.wordMinutes;
    return pattern.replace(/\{(\w+)\}/g, function (_all, name) { return parts[name]; });
  }

  function draw(timer) {
    const left = Date.parse(timer.dataset.due) - Date.parse(timer.dataset.now) - passed();
    const text = words(timer, left);
    // read aloud only in the last hour, and only when a minute has passed
    timer.setAttribute('aria-live', left < HOUR && left > -MINUTE ? 'polite' : 'off');
    timer.classList.toggle('late', left < URGENT);
    if (timer.textContent !== text) timer.textContent = text;
    return left >= 0;
  }

  const timers = Array.from(document.querySelectorAll('[data-countdown][data-due]'));
  function tick() {
    const going = timers.filter(draw);
    if (going.length) setTimeout(tick, 1000);
  }
  document.addEventListener('visibilitychange', function () { if (!document.hidden) timers.forEach(draw); });
  tick();
})();
