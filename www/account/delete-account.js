// Deletes the account and shows a receipt of what was deleted.

import { fill, h, say } from "/core/dom.js";
import { section } from "/account/section.js";
import { button, field } from "/core/controls.js";
import { openDialog } from "/core/dialog.js";
import { bytes, number, time } from "/core/format.js";
import { api } from "/session/api.js";
import { forgetDevice } from "/session/device.js";
import { forget } from "/session/session.js";
import { text } from "/strings.js";

const words = text.account;

export function deleteAccountSection() {
  const { element, body } = section(words.deleteAccountTitle, words.deleteAccountLead);
  body.removeAttribute("aria-busy");
  body.append(h("div", {}, button(words.deleteAccount, ask, { class: "bad" })));
  return element;
}

function ask() {
  const password = h("input", { type: "password", autocomplete: "current-password", required: true });
  const problem = h("p", { class: "problem", role: "alert" });
  const form = h(
    "form",
    { class: "stack", novalidate: true, onsubmit },
    h("p", {}, words.deleteAccountAsk),
    field(text.signIn.password, password),
    problem,
    h(
      "div",
      { class: "side" },
      h("button", { type: "submit", class: "primary bad" }, words.deleteForGood),
      button(text.cancel, () => dialog.close()),
    ),
  );
  const dialog = openDialog(words.deleteAccount, form);

  async function onsubmit(event) {
    event.preventDefault();
    if (password.value === "") return void (say(problem, text.signIn.noPassword), password.focus());
    try {
      show(await api("DELETE", "/api/auth/me", { json: { password: password.value } }));
    } catch (error) {
      say(
        problem,
        error.code === "invalid_credentials"
          ? words.wrongPassword
          : error.isAbsent
            ? words.deleteAccountAbsent
            : error.message,
      );
      password.focus();
    }
  }

  function show({ userId, email, deletedAt, deletedImages, deletedFiles, freedBytes }) {
    forgetDevice(email);
    const facts = [
      [text.signIn.email, email],
      [words.accountId, userId],
      [words.deletedAt, time(deletedAt)],
      [words.deletedImages, number(deletedImages)],
      [words.deletedFiles, number(deletedFiles)],
      [words.freed, bytes(freedBytes)],
    ];
    const done = button(text.close, () => dialog.close(), { class: "primary" });
    dialog.addEventListener("close", () => forget("left"));
    fill(
      form,
      h("p", {}, words.receipt),
      h(
        "dl",
        { class: "facts" },
        facts.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))),
      ),
      h("div", {}, done),
    );
    done.focus();
  }
}
