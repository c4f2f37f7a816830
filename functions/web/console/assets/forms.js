// What makes forms better where scripts run. All of them work without.

submitOnce();
offerSecrets();
enableChosen();
focusFirstError();
addLocalTimes();

/** A form that is on its way is not sent again by an impatient second click; coming Back to it, it can be. */
function submitOnce() {
  document.addEventListener('submit', ({ target }) => {
    // After the event: a button that is disabled within it is not part of what is sent.
    setTimeout(() => setDisabled(target, true));
    // Nobody tells of one that was stopped.
    setTimeout(() => setDisabled(target, false), 10_000);
  });
  addEventListener('pageshow', () => {
    for (const form of document.forms) setDisabled(form, false);
  });
}

function setDisabled(form, isDisabled) {
  if (form.method !== 'post') return;
  for (const button of form.querySelectorAll('button:not([type="button"])')) button.disabled = isDisabled;
}

/** A secret can be looked at while it is typed, and made here: then it is shown at once, and needs no page of its own. */
function offerSecrets() {
  for (const row of document.querySelectorAll('[data-secret]')) {
    const input = row.querySelector('input');
    const show = addButton(row, 'Show', () => reveal(input.type === 'password'));
    const reveal = (isShown) => {
      input.type = isShown ? 'text' : 'password';
      show.textContent = isShown ? 'Hide' : 'Show';
    };
    addButton(row, 'Generate', () => {
      const random = crypto.getRandomValues(new Uint8Array(24));
      input.value = `whsec_${btoa(String.fromCharCode(...random))}`;
      reveal(true);
      choose(input.form, 'replace');
      input.select();
    });
    input.addEventListener('input', () => choose(input.form, 'replace'));
    // What the box is for where no script runs.
    input.form.querySelector('input[type="checkbox"][name="secret_choice"]')?.closest('.check').remove();
  }
}

/** Whoever types a new secret means it to replace the old one. */
function choose(form, value) {
  const radio = form.querySelector(`input[type="radio"][name="secret_choice"][value="${value}"]`);
  if (radio !== null) radio.checked = true;
}

/** The boxes below a choice are there where it is to be chosen among them. */
function enableChosen() {
  for (const group of document.querySelectorAll('[data-choice]')) {
    const some = group.querySelector('input[type="radio"][value="some"]');
    const boxes = group.querySelector('.boxes');
    const show = () => boxes.classList.toggle('unchosen', !some.checked);
    group.addEventListener('change', show);
    show();
  }
}

/** What is wrong first is where the typing goes on. */
function focusFirstError() {
  document.querySelector('[aria-invalid="true"]')?.focus();
}

/** Exact times are in UTC; whoever points at one sees their own beside it. */
function addLocalTimes() {
  const add = () => {
    for (const time of document.querySelectorAll('time[title$=" UTC"]')) {
      time.title = `${time.title}, here ${new Date(time.dateTime).toLocaleString()}`;
    }
  };
  document.addEventListener('renewed', add);
  add();
}

function addButton(place, text, act) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button';
  button.textContent = text;
  button.addEventListener('click', act);
  place.append(button);
  return button;
}
