// Passkeys: the one thing that a page cannot do without script. Each form carries what the browser is asked, and takes its
// answer to the server; where there is no script, or no passkey, it stays hidden.

const { browserSupportsWebAuthn, browserSupportsWebAuthnAutofill, startAuthentication, startRegistration } =
  window.SimpleWebAuthnBrowser;

const ceremonies = { get: startAuthentication, create: startRegistration };

function answerWith(form, answer) {
  form.elements.passkey.value = JSON.stringify(answer);
  form.submit();
}

async function ask(form, button, optionsJSON) {
  const failed = form.querySelector('[data-failed]');
  if (!form.reportValidity()) return;
  failed.hidden = true;
  button.disabled = true;
  try {
    answerWith(form, await ceremonies[form.dataset.passkey]({ optionsJSON }));
  } catch {
    // Refused, too slow, or no such passkey: browsers do not say which, so that pages cannot find out who has one.
    failed.hidden = false;
    button.disabled = false;
    button.focus();
  }
}

// The passkey appears among what the browser offers for the field of the name.
async function offerInField(form, optionsJSON) {
  if (!(await browserSupportsWebAuthnAutofill())) return;
  try {
    answerWith(form, await startAuthentication({ optionsJSON, useBrowserAutofill: true }));
  } catch {
    // Given up for the button, or never used.
  }
}

if (browserSupportsWebAuthn()) {
  for (const form of document.querySelectorAll('[data-passkey]')) {
    const options = JSON.parse(form.dataset.options);
    const button = form.querySelector('button');
    form.hidden = false;
    button.addEventListener('click', () => void ask(form, button, options));
    // The enter key in one of its fields does what the button does.
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void ask(form, button, options);
    });
    if ('autofill' in form.dataset) void offerInField(form, options);
  }
}
