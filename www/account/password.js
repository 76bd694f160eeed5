import { h, say } from "/core/dom.js";
import { part } from "/account/part.js";
import { field } from "/core/controls.js";
import { notice } from "/core/notices.js";
import { api } from "/session/api.js";
import { account, replaceTokens } from "/session/session.js";
import { text } from "/strings.js";

const words = text.account;

export function passwordSection() {
  const { element, body } = part(words.password, words.passwordLead);
  body.removeAttribute("aria-busy");
  const current = h("input", { type: "password", autocomplete: "current-password", required: true });
  const fresh = h("input", { type: "password", autocomplete: "new-password", required: true });
  const problem = h("p", { class: "problem", role: "alert" });
  body.append(h("form", { class: "stack", novalidate: true, onsubmit },
    // For password managers, which ask whose password it is.
    h("input", { type: "text", autocomplete: "username", value: account()?.email, hidden: true }),
    field(words.currentPassword, current), field(words.newPassword, fresh, text.signIn.rule), problem,
    h("div", {}, h("button", { type: "submit" }, words.changePassword))));

  async function onsubmit(event) {
    event.preventDefault();
    say(problem, "");
    for (const input of [current, fresh]) {
      if (input.value === "") return void (say(problem, text.signIn.noPassword), input.focus());
    }
    try {
      replaceTokens(await api("POST", "/api/auth/password", { json: { currentPassword: current.value, newPassword: fresh.value } }));
      current.value = fresh.value = "";
      notice(words.passwordChanged);
    } catch (error) {
      say(problem, error.code === "invalid_credentials" ? words.wrongPassword : error.message);
      (error.code === "weak_password" ? fresh : current).focus();
    }
  }

  return element;
}
