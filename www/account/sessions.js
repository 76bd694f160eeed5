import { h } from "/core/dom.js";
import { section } from "/account/section.js";
import { button } from "/core/controls.js";
import { warn } from "/core/notices.js";
import { time } from "/core/format.js";
import { finishRemovals } from "/gallery/deletion.js";
import { api } from "/session/api.js";
import { forget } from "/session/session.js";
import { signOut } from "/account/sign-out.js";
import { text } from "/strings.js";

const words = text.account;

export function sessionsSection() {
  const { element, refresh } = section(words.sessions, words.sessionsLead, async () => {
    const { sessions } = await api("GET", "/api/auth/sessions");
    return [
      h("ul", { class: "lines" }, sessions.map(line)),
      h("div", {}, button(words.endAll, endAll, { class: "bad" })),
    ];
  });

  const line = ({ id, createdAt, rotatedAt, userAgent, current }) =>
    h(
      "li",
      {},
      h(
        "div",
        {},
        h(
          "p",
          { class: "strong", title: userAgent },
          device(userAgent),
          current && h("span", { class: "tag" }, words.thisOne),
        ),
        h("p", { class: "hint" }, words.used(time(rotatedAt), time(createdAt))),
      ),
      button(words.end, () => (current ? signOut() : end(id)), {
        "aria-label": words.endThat(device(userAgent)),
      }),
    );

  async function end(id) {
    await api("DELETE", `/api/auth/sessions/${id}`).catch(
      (error) => error.status === 404 || warn(error.message),
    );
    refresh();
  }

  return element;
}

async function endAll() {
  try {
    await finishRemovals();
    await api("POST", "/api/auth/logout-all");
    forget("left");
  } catch (error) {
    warn(error.message);
  }
}

// A user agent also names other browsers (Edge's has Chrome and Safari), so the first match counts.
const browsers = [
  ["Edg/", "Edge"],
  ["OPR/", "Opera"],
  ["Firefox/", "Firefox"],
  ["Chrome/", "Chrome"],
  ["Safari/", "Safari"],
  ["curl/", "curl"],
];
const systems = [
  ["Android", "Android"],
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Windows", "Windows"],
  ["Mac OS", "macOS"],
  ["Linux", "Linux"],
];

function device(userAgent) {
  const known = (list) => list.find(([mark]) => userAgent?.includes(mark))?.[1];
  const browser = known(browsers),
    system = known(systems);
  if (browser && system) return words.device(browser, system);
  return browser ?? system ?? userAgent?.slice(0, 60) ?? words.unknownDevice;
}
