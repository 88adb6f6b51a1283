// Makes the console quicker; every page of it works without.

// A key leads to the search of the page, unless somebody is typing.
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('input, textarea, select, [contenteditable]')) return;
  const field = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
  if (!field) return;
  event.preventDefault();
  field.focus();
});

// A password that nobody has thought of. Each of the policy's kinds of characters is in it.
const KINDS = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnopqrstuvwxyz', '23456789', '!@#$%*&'];
const below = (limit) => {
  const highest = Math.floor(2 ** 32 / limit) * limit;
  for (;;) {
    const [value] = crypto.getRandomValues(new Uint32Array(1));
    if (value < highest) return value % limit;
  }
};
const anyOf = (characters) => characters[below(characters.length)];

function makePassword() {
  const characters = KINDS.map(anyOf);
  while (characters.length < 16) characters.push(anyOf(KINDS.join('')));
  for (let last = characters.length - 1; last > 0; last -= 1) {
    const other = below(last + 1);
    [characters[last], characters[other]] = [characters[other], characters[last]];
  }
  return characters.join('');
}

for (const button of document.querySelectorAll('[data-generates]')) {
  const field = document.getElementById(button.dataset.generates);
  button.addEventListener('click', (event) => {
    event.preventDefault();
    field.value = makePassword();
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
}

// A page of the console behind the one that is shown; none while the network is away.
async function pageOf(address, options) {
  const text = await fetch(address, options)
    .then((reply) => reply.text())
    .catch(() => undefined);
  return text === undefined ? undefined : new DOMParser().parseFromString(text, 'text/html');
}

// What is typed into a picker's search is searched for at once: the form is sent behind the page and what was found replaced.
for (const picker of document.querySelectorAll('[data-picker]')) {
  const search = picker.querySelector('input[type=search]');
  const button = picker.querySelector('button[value=search]');
  let timer;
  let latest = 0;
  const refresh = async () => {
    latest += 1;
    const turn = latest;
    const body = new URLSearchParams(new FormData(search.form, button));
    const page = await pageOf(search.form.action, { method: 'POST', body });
    const found = page?.querySelector(`[data-picker="${picker.dataset.picker}"] .picker-found`);
    if (turn === latest && found) picker.querySelector('.picker-found').replaceChildren(...found.children);
  };
  search.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, 200);
  });
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    void refresh();
  });
}

// A field that wants a name suggests those that begin so, from the list of the things that have them.
for (const field of document.querySelectorAll('[data-suggests]')) {
  let timer;
  let latest = 0;
  const suggest = async () => {
    latest += 1;
    const turn = latest;
    const page = await pageOf(`${field.dataset.suggests}?${new URLSearchParams({ q: field.value })}`);
    if (turn !== latest || !page) return;
    const names = [...page.querySelectorAll('[data-name]')].map((item) => item.textContent);
    field.list.replaceChildren(...names.slice(0, 10).map((name) => new Option('', name)));
  };
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(suggest, 200);
  });
}

// What goes on by itself is shown anew every few seconds, until the server says that it is over.
for (const part of document.querySelectorAll('[data-refresh]')) refreshLater(part);

function refreshLater(part) {
  setTimeout(
    async () => {
      const reply = await fetch(location.href).catch(() => undefined);
      if (!reply?.ok) return refreshLater(part);
      const page = new DOMParser().parseFromString(await reply.text(), 'text/html');
      const next = page.getElementById(part.id);
      // Whoever has opened or chosen something in it is not disturbed.
      const isInUse = part.querySelector('details[open]') || part.contains(document.activeElement);
      if (next && !isInUse) part.replaceWith(next);
      const shown = next && !isInUse ? next : part;
      if (shown.dataset.refresh) refreshLater(shown);
    },
    Number(part.dataset.refresh) * 1000,
  );
}

// In UTF-8, or in UTF-16 as its byte order mark says; undefined for what is neither, whose letters would be lost.
async function textOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const marks = { fffe: 'utf-16le', feff: 'utf-16be' };
  const mark = [...bytes.slice(0, 2)].map((byte) => byte.toString(16)).join('');
  try {
    return new TextDecoder(marks[mark] ?? 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

// A file is read into the field that would hold its text.
for (const place of document.querySelectorAll('[data-reads]')) {
  const field = document.getElementById(place.dataset.reads);
  place.hidden = false;
  place.querySelector('input[type=file]').addEventListener('change', async ({ target }) => {
    const [file] = target.files;
    if (!file) return;
    const text = await textOf(file);
    place.querySelector('[data-unreadable]').hidden = text !== undefined;
    field.value = text ?? '';
  });
}

// Addresses are checked while they are typed: the form is sent behind the page, and what it would say under them is shown.
for (const part of document.querySelectorAll('[data-tries]')) {
  const field = part.querySelector('textarea');
  let timer;
  let latest = 0;
  const check = async () => {
    latest += 1;
    const turn = latest;
    const body = new URLSearchParams(new FormData(field.form));
    body.set('step', 'check');
    const reply = await fetch(field.form.action, { method: 'POST', body }).catch(() => undefined);
    const page = new DOMParser().parseFromString((await reply?.text()) ?? '', 'text/html');
    const next = page.querySelector(`[data-tries="${part.dataset.tries}"]`);
    if (turn !== latest || !next) return;
    part.querySelector('.field-faults').replaceChildren(...next.querySelector('.field-faults').children);
    const isFaulty = next.querySelector('textarea').hasAttribute('aria-invalid');
    field.classList.toggle('is-invalid', isFaulty);
    field.toggleAttribute('aria-invalid', isFaulty);
    if (isFaulty) field.setAttribute('aria-invalid', 'true');
  };
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(check, 400);
  });
}
