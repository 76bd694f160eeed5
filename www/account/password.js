import { h, say } from "/core/dom.js";
import { section } from "/account/section.js";
import { revokeKey } from "/account/keys.js";
import { button, field } from "/core/controls.js";
import { openDialog } from "/core/dialog.js";
import { notice } from "/core/notices.js";
import { api } from "/session/api.js";
import { account, replaceTokens } from "/session/session.js";
import { text } from "/strings.js";

const words = text.account;

export function passwordSection() {
  const { element, body } = section(words.password, words.passwordLead);
  body.removeAttribute("aria-busy");
  const current = h("input", { type: "password", autocomplete: "current-password", required: true });
  const fresh = h("input", { type: "password", autocomplete: "new-password", required: true });
  const problem = h("p", { class: "problem", role: "alert" });
  body.append(
    h(
      "form",
      { class: "stack", novalidate: true, onsubmit },
      // Password managers need the user name that belongs to the password.
      h("input", { type: "text", autocomplete: "username", value: account()?.email, hidden: true }),
      field(words.currentPassword, current),
      field(words.newPassword, fresh, text.signIn.rule),
      problem,
      h("div", {}, h("button", { type: "submit" }, words.changePassword)),
    ),
  );

  async function onsubmit(event) {
    event.preventDefault();
    say(problem, "");
    for (const input of [current, fresh]) {
      if (input.value === "") return void (say(problem, text.signIn.noPassword), input.focus());
    }
    try {
      const answer = await api("POST", "/api/auth/password", {
        json: { currentPassword: current.value, newPassword: fresh.value },
      });
      replaceTokens(answer);
      current.value = fresh.value = "";
      notice(words.passwordChanged);
      if (answer.keys.length > 0) offerToRevoke(answer.keys);
    } catch (error) {
      say(problem, error.code === "invalid_credentials" ? words.wrongPassword : error.message);
      (error.code === "weak_password" ? fresh : current).focus();
    }
  }

  return element;
}

// A new password does not revoke API keys, and a person who knew the old one may have created some.
function offerToRevoke(keys) {
  const list = h(
    "ul",
    { class: "lines" },
    keys.map(({ id, name }) =>
      h(
        "li",
        {},
        h("p", { class: "strong" }, name),
        button(words.revoke, (event) => revoke([id], event.currentTarget.closest("li")), {
          class: "bad",
          "aria-label": words.revokeThat(name),
        }),
      ),
    ),
  );
  const dialog = openDialog(
    words.keysStay,
    h(
      "div",
      { class: "stack" },
      h("p", {}, words.keysStayLead),
      list,
      h(
        "div",
        { class: "side" },
        button(words.revokeAll, () => revoke(keys.map(({ id }) => id)), { class: "bad" }),
        button(words.keepKeys, () => dialog.close(), { class: "primary" }),
      ),
    ),
  );

  async function revoke(ids, line) {
    for (const id of ids) await revokeKey(id);
    window.dispatchEvent(new Event("keysrevoked"));
    line?.remove();
    if (list.children.length === 0 || !line) dialog.close();
  }
}
