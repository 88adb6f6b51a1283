// Edits the JSON of a text field as a tree of names and values. The text stays what is sent, and the page works without.

const kindOf = (value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
const EMPTY = { string: '', number: 0, boolean: false, null: null, array: [], object: {} };

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function createTree(frame, texts, changed) {
  const button = (text, name, label = text) => {
    const made = make('button', { type: 'button', class: `btn btn-small ${name}`, 'aria-label': label }, text);
    return made;
  };
  const choice = (label, options, chosen) => {
    const select = make('select', { class: 'form-select', 'aria-label': label });
    for (const [value, text] of options) select.append(new Option(text, value, false, value === chosen));
    return select;
  };

  /** Everything below a list or an object, and the button that adds to it. */
  function branch(value, label) {
    const isObject = kindOf(value) === 'object';
    const list = make('ul', { class: 'json-branch', 'data-kind': isObject ? 'object' : 'array' });
    for (const [key, inner] of Object.entries(value)) list.append(row(isObject ? key : undefined, inner));
    const add = button(texts.add, 'json-add', label ? `${texts.add}: ${label}` : texts.add);
    add.addEventListener('click', () => grow(list));
    return make('div', { class: 'json-value' }, list, add);
  }

  function grow(list, after) {
    const made = row(list.dataset.kind === 'object' ? '' : undefined, '');
    if (after) after.after(made);
    else list.append(made);
    changed();
    made.querySelector('input').focus();
  }

  function valueField(value, label) {
    const kind = kindOf(value);
    if (kind === 'object' || kind === 'array') return branch(value, label);
    if (kind === 'null') return make('span', { class: 'json-value' });
    if (kind === 'boolean') {
      const select = choice(
        `${texts.value} ${label}`,
        [
          ['true', texts.yes],
          ['false', texts.no],
        ],
        String(value),
      );
      select.classList.add('json-value');
      return select;
    }
    const input = make('input', {
      class: 'form-control json-value',
      'aria-label': `${texts.value} ${label}`,
      dir: 'auto',
    });
    if (kind === 'number') {
      input.type = 'number';
      input.step = 'any';
      input.required = true;
    }
    input.value = value;
    return input;
  }

  function row(key, value) {
    const item = make('li', { class: 'json-row' });
    const named =
      key !== undefined &&
      make('input', { class: 'form-control json-key', 'aria-label': texts.name, dir: 'auto', required: '' });
    if (named) named.value = key;
    const label = () => (named ? named.value : String([...item.parentElement.children].indexOf(item) + 1));
    const kinds = Object.entries(texts.kinds);
    const kind = choice(texts.kind, kinds, kindOf(value));
    kind.classList.add('json-kind');
    const remove = button(texts.remove, 'json-remove', key ? `${texts.remove} ${key}` : texts.remove);
    item.append(...(named ? [named] : []), kind, valueField(value, key ?? ''), remove);
    kind.addEventListener('change', () => {
      item.querySelector(':scope > .json-value').replaceWith(valueField(convert(readValue(item), kind.value), label()));
      changed();
    });
    remove.addEventListener('click', () => {
      const near = item.nextElementSibling ?? item.previousElementSibling;
      const next =
        near?.querySelector(':scope > .json-remove') ??
        item.parentElement.parentElement.querySelector(':scope > .json-add');
      item.remove();
      changed();
      next.focus();
    });
    return item;
  }

  /** What the row held before its kind was changed, as far as it can be told. */
  function readValue(item) {
    const field = item.querySelector(':scope > .json-value');
    return field.matches('input, select') ? field.value : '';
  }

  function convert(said, kind) {
    if (kind === 'string') return said;
    if (kind === 'number') return said.trim() !== '' && Number.isFinite(Number(said)) ? Number(said) : 0;
    if (kind === 'boolean') return said === 'true';
    return EMPTY[kind];
  }

  function read(list) {
    const entries = [...list.children].map((item) => {
      const kind = item.querySelector(':scope > .json-kind').value;
      const field = item.querySelector(':scope > .json-value');
      const value =
        kind === 'object' || kind === 'array' ? read(field.firstElementChild) : convert(field.value ?? '', kind);
      return [item.querySelector(':scope > .json-key')?.value, value];
    });
    if (list.dataset.kind === 'array') return entries.map(([, value]) => value);
    markTwins(list);
    return Object.fromEntries(entries);
  }

  /** Two of the same name cannot both be kept. */
  function markTwins(list) {
    const seen = new Set();
    for (const field of list.querySelectorAll(':scope > li > .json-key')) {
      field.setCustomValidity(seen.has(field.value) ? texts.twice : '');
      seen.add(field.value);
    }
  }

  frame.addEventListener('input', changed);
  frame.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !event.target.matches('input')) return;
    event.preventDefault();
    const item = event.target.closest('li');
    grow(item.parentElement, item);
  });

  return {
    show(value) {
      frame.replaceChildren(branch(value));
    },
    read: () => read(frame.querySelector('.json-branch')),
  };
}

for (const field of document.querySelectorAll('[data-json-tree]')) {
  const texts = JSON.parse(field.dataset.jsonTree);
  const holder = field.closest('.field');
  const frame = make('div', { class: 'json-tree', role: 'group', 'aria-label': texts.tree });
  const toggle = make('button', { type: 'button', class: 'btn btn-small' });
  const tree = createTree(frame, texts, () => {
    field.value = JSON.stringify(tree.read(), null, 2);
  });
  const parsed = () => {
    try {
      const value = JSON.parse(field.value);
      return kindOf(value) === 'object' ? value : undefined;
    } catch {
      return undefined;
    }
  };
  const showTree = (value) => {
    const isTree = value !== undefined;
    if (isTree) tree.show(value);
    else frame.replaceChildren();
    frame.hidden = !isTree;
    holder.hidden = isTree;
    toggle.textContent = isTree ? texts.toText : texts.toTree;
  };
  toggle.addEventListener('click', () => {
    const value = holder.hidden ? undefined : parsed();
    const isBroken = !holder.hidden && value === undefined;
    field.setCustomValidity(isBroken ? texts.broken : '');
    if (isBroken) field.reportValidity();
    else showTree(value);
    if (!holder.hidden) field.focus();
  });
  field.addEventListener('input', () => field.setCustomValidity(''));
  holder.before(make('p', { class: 'json-toggle' }, toggle), frame);
  // What the server could not read is mended as text.
  showTree(field.matches('.is-invalid') ? undefined : parsed());
}
