// API keys for programs. A key is shown only once, when it is created.

import { scopes } from "/core/contract.js";
import { fill, h, say } from "/core/dom.js";
import { section } from "/account/section.js";
import { button, copyButton, field } from "/core/controls.js";
import { openDialog } from "/core/dialog.js";
import { warn } from "/core/notices.js";
import { date } from "/core/format.js";
import { api } from "/session/api.js";
import { text } from "/strings.js";

const words = text.account;
const msPerDay = 86_400_000;

export function keysSection() {
  const { element, refresh } = section(words.keys, words.keysLead, async () => {
    const { keys } = await api("GET", "/api/auth/keys");
    return [
      keys.length > 0 ? h("ul", { class: "lines" }, keys.map(line)) : h("p", { class: "hint" }, words.noKeys),
      h("div", {}, button(words.newKey, create)),
    ];
  });

  const line = ({ id, name, scopes, expiresAt, usedAt }) =>
    h(
      "li",
      {},
      h(
        "div",
        {},
        h(
          "p",
          { class: "strong" },
          name,
          scopes.map((scope) => h("span", { class: "tag" }, words.scopes[scope] ?? scope)),
        ),
        h("p", { class: "hint" }, words.keyFacts(usedAt && date(usedAt), expiresAt && date(expiresAt))),
      ),
      button(words.revoke, () => revoke(id), { class: "bad", "aria-label": words.revokeThat(name) }),
    );

  async function revoke(id) {
    await revokeKey(id);
    refresh();
  }

  function create() {
    const name = h("input", { type: "text", required: true, maxlength: 100, autocomplete: "off" });
    const boxes = scopes.map((scope) =>
      h("input", { type: "checkbox", value: scope, checked: scope !== "write" }),
    );
    const ends = h(
      "select",
      {},
      words.keyEnds.map(([days, label]) => h("option", { value: days }, label)),
    );
    const problem = h("p", { class: "problem", role: "alert" });
    const form = h(
      "form",
      { class: "stack", novalidate: true, onsubmit },
      field(words.keyName, name, words.keyNameHint),
      h(
        "fieldset",
        { class: "checks" },
        h("legend", {}, words.keyScopes),
        boxes.map((box) => h("label", { class: "check" }, box, h("span", {}, words.scopes[box.value]))),
      ),
      field(words.keyEnd, ends),
      problem,
      h(
        "div",
        { class: "side" },
        h("button", { type: "submit", class: "primary" }, words.makeKey),
        button(text.cancel, () => dialog.close()),
      ),
    );
    const dialog = openDialog(words.newKey, form);

    async function onsubmit(event) {
      event.preventDefault();
      if (name.value.trim() === "") return void (say(problem, words.keyNeedsName), name.focus());
      const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
      if (chosen.length === 0) return void say(problem, words.keyNeedsScope);
      const expiresAt = ends.value === "" ? null : new Date(Date.now() + ends.value * msPerDay).toISOString();
      try {
        const { key } = await api("POST", "/api/auth/keys", {
          json: { name: name.value.trim(), scopes: chosen, expiresAt },
        });
        show(key);
        refresh();
      } catch (error) {
        say(problem, error.message);
      }
    }

    function show(key) {
      const output = h("input", {
        type: "text",
        readonly: true,
        value: key,
        class: "code",
        "aria-label": words.key,
      });
      fill(
        form,
        h("p", {}, words.keyOnce),
        h("div", { class: "side" }, output, copyButton(output)),
        h(
          "div",
          {},
          button(words.keyKept, () => dialog.close(), { class: "primary" }),
        ),
      );
      output.focus();
      output.select();
    }
  }

  window.addEventListener("keysrevoked", refresh);
  return element;
}

export const revokeKey = (id) =>
  api("DELETE", `/api/auth/keys/${id}`).catch((error) => error.status === 404 || warn(error.message));
