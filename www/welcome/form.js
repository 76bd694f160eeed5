// One form for signing in and for creating an account.

import { h, say } from "/core/dom.js";
import { field, segments } from "/core/controls.js";
import { exchange } from "/session/http.js";
import { deviceToken, keepDevice } from "/session/device.js";
import { begin } from "/session/session.js";
import { text } from "/strings.js";

const words = text.signIn;

export function signInForm({ email = "", hint = "", registering = false } = {}) {
  let isNew = registering,
    isBusy = false;
  const address = h("input", {
    type: "email",
    name: "email",
    autocomplete: "username",
    required: true,
    value: email,
    inputmode: "email",
    spellcheck: "false",
  });
  const password = h("input", { type: "password", name: "password", required: true, minlength: 8 });
  const reveal = h("input", {
    type: "checkbox",
    onchange: () => (password.type = reveal.checked ? "text" : "password"),
  });
  const problem = h("p", { class: "problem", role: "alert" });
  const submit = h("button", { type: "submit", class: "primary large wide" });
  const rule = h("p", { class: "hint", id: "password-rule" }, words.rule);
  const heading = h("h2", { tabindex: -1 });

  function draw() {
    say(heading, isNew ? words.createTitle : words.title);
    submit.textContent = isBusy ? words.busy : isNew ? words.create : words.enter;
    submit.setAttribute("aria-disabled", String(isBusy));
    password.autocomplete = isNew ? "new-password" : "current-password";
    rule.hidden = !isNew;
    isNew ? password.setAttribute("aria-describedby", rule.id) : password.removeAttribute("aria-describedby");
  }

  function showProblem(sentence, input) {
    say(problem, sentence);
    for (const one of [address, password]) one.setAttribute("aria-invalid", String(one === input));
    input?.focus();
  }

  async function onsubmit(event) {
    event.preventDefault();
    if (isBusy) return;
    showProblem("");
    if (!address.validity.valid) return showProblem(words.badEmail, address);
    if (password.value === "") return showProblem(words.noPassword, password);
    if (isNew && new TextEncoder().encode(password.value).length < 8)
      return showProblem(words.rule, password);
    isBusy = true;
    draw();
    try {
      const json = { email: address.value.trim(), password: password.value };
      if (!isNew) json.deviceToken = deviceToken(json.email);
      const answer = await exchange("POST", isNew ? "/api/auth/register" : "/api/auth/login", { json });
      keepDevice(json.email, answer.deviceToken);
      begin(answer);
    } catch (error) {
      showProblem(
        error.message,
        {
          invalid_email: address,
          email_taken: address,
          weak_password: password,
          invalid_credentials: password,
        }[error.code],
      );
    } finally {
      isBusy = false;
      draw();
    }
  }

  const way = segments(
    words.way,
    [
      [false, words.have],
      [true, words.none],
    ],
    isNew,
    (to) => ((isNew = to), showProblem(""), draw()),
  );
  draw();
  const form = h(
    "form",
    { class: "stack", novalidate: true, onsubmit },
    field(words.email, address),
    h(
      "div",
      { class: "field" },
      h("label", { for: (password.id = "password") }, words.password),
      password,
      rule,
      h("label", { class: "check" }, reveal, h("span", {}, words.reveal)),
    ),
    problem,
    submit,
  );
  return h(
    "section",
    { class: "card sign-in", "aria-label": words.section },
    heading,
    hint && h("p", { class: "hint" }, hint),
    way,
    form,
  );
}
