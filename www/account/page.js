// The account page: usage, password, sessions, API keys, deletion of the account.

import { h } from "/core/dom.js";
import { deleteAccountSection } from "/account/delete-account.js";
import { keysSection } from "/account/keys.js";
import { passwordSection } from "/account/password.js";
import { sessionsSection } from "/account/sessions.js";
import { usageSection } from "/account/usage.js";
import { button } from "/core/controls.js";
import { signOut } from "/account/sign-out.js";
import { account } from "/session/session.js";
import { text } from "/strings.js";

export function accountPage() {
  return {
    element: h(
      "div",
      { class: "narrow account" },
      h("h1", { tabindex: -1 }, text.account.title),
      h(
        "div",
        { class: "side who" },
        h("p", { class: "lead" }, account()?.email),
        button(text.nav.signOut, signOut),
      ),
      usageSection(),
      passwordSection(),
      sessionsSection(),
      keysSection(),
      deleteAccountSection(),
    ),
  };
}
