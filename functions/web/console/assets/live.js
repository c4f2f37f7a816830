// What makes the pages better where scripts run. All of them work without.

keepUpToDate();
selectRows();
copyTexts();

/**
 * Looks again at the page every few seconds while it can be seen, and puts what has changed into its `data-live` parts. Stops when the
 * session has ended, or where the page is another one now.
 */
function keepUpToDate() {
  const EVERY_MS = 5_000;
  const LONGEST_MS = 60_000;
  const KEY = 'live';
  const toggle = document.querySelector('[data-live-toggle]');
  if (toggle === null) return;
  let isOn = sessionStorage.getItem(KEY) !== 'off';
  let isOver = false;
  let waitMs = EVERY_MS;
  let timer;
  const show = () => toggle.setAttribute('aria-pressed', String(isOn));
  const plan = (ms) => {
    clearTimeout(timer);
    if (isOn && !document.hidden) timer = setTimeout(look, ms);
  };
  const look = async () => {
    try {
      const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
      if (answer.redirected) return stop('You are not signed in any more.');
      if (!answer.ok && answer.status !== 404) throw new Error(`Answered ${answer.status}`);
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      if (page.querySelector('[data-live]') === null) return stop('It is not there any more.');
      if (isOn) renew(page);
      waitMs = EVERY_MS;
      name('Live');
    } catch {
      waitMs = Math.min(waitMs * 2, LONGEST_MS);
      name('Not reached, trying again');
    }
    plan(waitMs);
  };
  const name = (text) => {
    const label = toggle.querySelector('span');
    if (label.textContent !== text) label.textContent = text;
  };
  // The button stays where the focus may be, and looks again as the page's own link does.
  const stop = (why) => {
    isOn = false;
    isOver = true;
    show();
    name('Not live any more: refresh');
    say(why);
  };
  toggle.addEventListener('click', () => {
    if (isOver) return location.reload();
    isOn = !isOn;
    sessionStorage.setItem(KEY, isOn ? 'on' : 'off');
    show();
    plan(0);
  });
  document.addEventListener('visibilitychange', () => plan(0));
  // A form that is on its way is answered with a page of its own, which has something to say.
  document.addEventListener('submit', () => clearTimeout(timer));
  show();
  plan(waitMs);
}

/** Puts the live parts of a page, as it is now, into the page that is shown; what is in sight stays where it is. */
function renew(page) {
  const sight = inSight();
  const focused = document.activeElement;
  const known = new Set([...document.querySelectorAll('[data-live] [id]')].map(({ id }) => id));
  for (const part of document.querySelectorAll('[data-live]')) {
    const fresh = page.getElementById(part.id);
    const hadFocus = part.contains(focused);
    if (fresh !== null) become(part, fresh);
    if (hadFocus && !focused.isConnected) focusOn(part);
  }
  document.title = page.title;
  if (sight?.row.isConnected) scrollBy(0, sight.row.getBoundingClientRect().top - sight.top);
  tell([...document.querySelectorAll('[data-live] tr[id]')].filter(({ id }) => !known.has(id)).length);
  document.dispatchEvent(new Event('renewed'));
}

/** What had the focus is gone: it goes on from the part that it was in, and not from the top of the page. */
function focusOn(part) {
  part.tabIndex = -1;
  part.focus({ preventScroll: true });
}

/** The first row that is in sight, where some are above it. */
function inSight() {
  for (const row of document.querySelectorAll('[data-live] tr[id]')) {
    const { top, bottom } = row.getBoundingClientRect();
    if (bottom > 0) return scrollY > 0 && row.previousElementSibling !== null ? { row, top } : undefined;
  }
  return undefined;
}

/** Says to whoever hears the page that rows have come. */
function tell(count) {
  if (count > 0) say(count === 1 ? '1 new row' : `${count} new rows`);
}

/** Says something to whoever hears the page and does not see it. */
function say(text) {
  const place = document.querySelector('[data-live-said]');
  if (place !== null) place.textContent = text;
}

/**
 * Makes an element what another one is, and leaves alone all that is the same: what is selected, typed, opened or has the focus stays so.
 * Elements with an `id` are told apart by it.
 */
function become(old, fresh) {
  if (isKept(old)) return;
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== 'open') old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && name !== 'open') old.setAttribute(name, value);
  }
  const wanted = new Set([...fresh.children].map(({ id }) => id));
  for (const child of [...old.children]) if (child.id && !wanted.has(child.id) && !isKept(child)) child.remove();
  let at = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const same = isSame(at, child) ? at : child.id ? [...old.children].find(({ id }) => id === child.id) : undefined;
    if (same === undefined) {
      const isOther = at !== null && !at.id && !child.id;
      const before = isOther ? at.nextSibling : at;
      if (isOther) at.remove();
      old.insertBefore(document.importNode(child, true), before);
      at = before;
      continue;
    }
    if (same !== at) old.insertBefore(same, at);
    if (same.nodeType === Node.ELEMENT_NODE) become(same, child);
    else if (same.data !== child.data) same.data = child.data;
    at = same.nextSibling;
  }
  while (at !== null) {
    const rest = at.nextSibling;
    if (!isKept(at)) at.remove();
    at = rest;
  }
}

/** Whether somebody has typed into it what is about the page as it was: that goes on being about it. */
function isKept(node) {
  return Boolean(node.dataset && 'keepTyped' in node.dataset && node.querySelector('textarea')?.value);
}

function isSame(one, other) {
  return one !== null && one.nodeName === other.nodeName && (one.id ?? '') === (other.id ?? '');
}

/** The box in the head of a table stands for all of its rows; the button says how many are selected. */
function selectRows() {
  const button = document.querySelector('[data-selection]');
  if (button === null) return;
  const form = button.form;
  const boxes = () => [...form.querySelectorAll('tbody input[type="checkbox"]')];
  const all = () => form.querySelector('[data-select-all]');
  const show = () => {
    const selected = boxes().filter(({ checked }) => checked).length;
    button.textContent = selected === 0 ? 'Redeliver selected' : `Redeliver ${selected} selected`;
    button.disabled = selected === 0;
    const head = all();
    if (head === null) return;
    head.checked = selected > 0 && selected === boxes().length;
    head.indeterminate = selected > 0 && !head.checked;
  };
  form.addEventListener('change', ({ target }) => {
    if (target === all()) for (const box of boxes()) box.checked = target.checked;
    show();
  });
  document.addEventListener('renewed', show);
  // After whoever else enables buttons of forms that one comes back to.
  addEventListener('pageshow', () => setTimeout(show));
  show();
}

/** Buttons and links that copy the text of what their `data-copy` selects. */
function copyTexts() {
  document.addEventListener('click', async (event) => {
    const button = event.target instanceof Element ? event.target.closest('[data-copy]') : null;
    const source = button && document.querySelector(button.dataset.copy);
    const text = source?.value ?? source?.textContent;
    // Only where the page is served safely a script may copy; a link then leads to where the text stands.
    if (!text || navigator.clipboard === undefined) return;
    event.preventDefault();
    button.dataset.label ??= button.textContent;
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    button.textContent = isCopied ? 'Copied' : 'Not copied: the browser refuses';
    say(button.textContent);
    setTimeout(() => {
      button.textContent = button.dataset.label;
    }, 2_000);
  });
}
