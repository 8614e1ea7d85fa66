// A tree: arrows move and open, a level is fetched when it is opened first; Enter leads to the node.
(function () {
  'use strict';
  const tree = document.querySelector('[data-tree]');
  const box = document.querySelector('[data-tree-box]');
  if (box && window.matchMedia('(max-width: 820px)').matches && !document.querySelector('.tree-found')) box.open = false;
  if (!tree) return;

  function items() { return Array.from(tree.querySelectorAll('[role="treeitem"]')).filter(function (one) { return !one.closest('ul[hidden]'); }); }
  function group(item) { return item.parentElement.querySelector(':scope > ul'); }
  function focus(item) {
    if (!item) return;
    tree.querySelectorAll('[role="treeitem"]').forEach(function (one) { one.tabIndex = -1; });
    item.tabIndex = 0;
    item.focus();
  }
  function line(node, depth) {
    const place = document.createElement('li');
    const link = document.createElement('a');
    const twist = document.createElement('span');
    place.setAttribute('role', 'none');
    link.setAttribute('role', 'treeitem');
    link.setAttribute('aria-level', depth);
    link.setAttribute('aria-selected', 'false');
    if (node.has_children) link.setAttribute('aria-expanded', 'false');
    link.href = node.url;
    link.dataset.key = node.key;
    link.tabIndex = -1;
    twist.className = 'twist';
    twist.setAttribute('aria-hidden', 'true');
    twist.dataset.twist = '';
    link.append(twist, node.label);
    place.append(link);
    return place;
  }
  function more(key, depth, start) {
    const place = line({ url: '#', label: tree.dataset.wordMore, has_children: false }, depth);
    place.firstChild.className = 'more';
    place.firstChild.dataset.moreOf = key;
    place.firstChild.dataset.start = start;
    return place;
  }
  async function fetched(list, key, depth, start) {
    const url = new URL(tree.dataset.below, location.href);
    if (key) url.searchParams.set('of', key);
    url.searchParams.set('from', start);
    const answer = await fetch(url, { headers: { Accept: 'application/json' } });
    if (!answer.ok) { location.reload(); return []; }
    const level = await answer.json();
    const there = new Set(Array.from(list.querySelectorAll(':scope > li > [data-key]')).map(function (one) { return one.dataset.key; }));
    const lines = level.nodes.filter(function (node) { return !there.has(String(node.key)); }).map(function (node) { return line(node, depth); });
    list.append(...lines);
    if (level.more) list.append(more(key, depth, start + level.nodes.length));
    return lines;
  }
  async function open(item) {
    let list = group(item);
    if (!list) {
      list = document.createElement('ul');
      list.setAttribute('role', 'group');
      item.parentElement.append(list);
      await fetched(list, item.dataset.key, Number(item.getAttribute('aria-level')) + 1, 0);
    }
    list.hidden = false;
    item.setAttribute('aria-expanded', 'true');
  }
  function close(item) {
    group(item).hidden = true;
    item.setAttribute('aria-expanded', 'false');
  }
  function toggle(item) { return item.getAttribute('aria-expanded') === 'true' ? close(item) : open(item); }
  async function extend(item) {
    const list = item.closest('ul');
    const start = Number(item.dataset.start || list.querySelectorAll(':scope > li > [data-key]').length);
    item.parentElement.remove();
    const lines = await fetched(list, item.dataset.moreOf, Number(item.getAttribute('aria-level')), start);
    focus(lines.length ? lines[0].firstChild : items()[0]);
  }

  tree.addEventListener('click', function (event) {
    const item = event.target.closest('[role="treeitem"]');
    if (!item) return;
    if ('moreOf' in item.dataset) { event.preventDefault(); extend(item); return; }
    if (event.target.closest('[data-twist]') && item.hasAttribute('aria-expanded')) { event.preventDefault(); toggle(item); focus(item); }
  });
  tree.addEventListener('keydown', function (event) {
    const item = event.target.closest('[role="treeitem"]');
    if (!item || event.ctrlKey || event.altKey || event.metaKey) return;
    const all = items(), at = all.indexOf(item), state = item.getAttribute('aria-expanded');
    const above = item.closest('ul[role="group"]');
    const keys = {
      ArrowDown: function () { focus(all[at + 1]); },
      ArrowUp: function () { focus(all[at - 1]); },
      Home: function () { focus(all[0]); },
      End: function () { focus(all[all.length - 1]); },
      ArrowRight: function () { if (state === 'false') open(item); else if (state === 'true') focus(all[at + 1]); },
      ArrowLeft: function () { if (state === 'true') close(item); else if (above) focus(above.parentElement.querySelector('[role="treeitem"]')); },
      ' ': function () { item.click(); },
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });

  // a single place of the tree is reached by Tab: the chosen node, else the first
  tree.querySelectorAll('[role="treeitem"]').forEach(function (one) { one.tabIndex = -1; });
  const chosen = tree.querySelector('[aria-selected="true"]') || tree.querySelector('[role="treeitem"]');
  chosen.tabIndex = 0;
  if (chosen.offsetTop > tree.clientHeight) tree.scrollTop = chosen.offsetTop - tree.clientHeight / 2;
})();
