// Makes the pages quicker to use; every one of them works without it.

// A form is sent once. The button is switched off after the browser has read the form, or its own value would be missing.
document.addEventListener('submit', ({ target: form, submitter }) => {
  setTimeout(() => {
    if (!submitter) return;
    submitter.disabled = true;
    form.setAttribute('aria-busy', 'true');
    // A redirect that opens another program leaves this page as it is.
    setTimeout(() => release(form, submitter), 8000);
  });
});

function release(form, button) {
  button.disabled = false;
  form.removeAttribute('aria-busy');
}

// The way back shows the page as it was left, with the button off.
window.addEventListener('pageshow', () => {
  for (const form of document.forms) for (const button of form.querySelectorAll('[type=submit]')) release(form, button);
});

for (const button of document.querySelectorAll('[data-reveals]')) {
  const input = document.getElementById(button.dataset.reveals);
  const show = (shown) => {
    input.type = shown ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(shown));
  };
  button.hidden = false;
  button.addEventListener('click', () => {
    show(input.type === 'password');
    input.focus();
  });
  // What was typed must not be kept by the browser as the text of an ordinary field.
  input.form.addEventListener('submit', () => show(false));
}

// Which rules a password keeps is shown while it is typed. Their patterns come from where it is checked in the end.
for (const list of document.querySelectorAll('[data-checks]')) {
  const input = document.getElementById(list.dataset.checks);
  const rules = [...list.querySelectorAll('[data-pattern]')].map((item) => ({
    item,
    pattern: new RegExp(item.dataset.pattern, 'su'),
  }));
  input.addEventListener('input', () => {
    for (const { item, pattern } of rules)
      mark(item, pattern.test(input.value.normalize('NFC')) ? list.dataset.kept : '');
  });
}

function mark(item, said) {
  const picture = item.querySelector('use');
  const [sprite] = picture.getAttribute('href').split('#');
  item.className = said && 'is-kept';
  item.querySelector('.visually-hidden').textContent = said && `${said} `;
  picture.setAttribute('href', `${sprite}#${said ? 'check' : 'point'}`);
}

// What is shown only once can be taken along.
for (const button of document.querySelectorAll('[data-prints]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}

for (const button of document.querySelectorAll('[data-copies]')) {
  button.hidden = !navigator.clipboard;
  button.addEventListener('click', async () => {
    const { value, children } = document.getElementById(button.dataset.copies);
    const text = value ?? [...children].map((item) => item.textContent.trim()).join('\n');
    await navigator.clipboard.writeText(text);
    button.textContent = button.dataset.copied;
  });
}

// A form that only takes the browser further.
document.querySelector('form[data-sends-itself]')?.submit();
