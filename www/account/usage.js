import { h } from "/core/dom.js";
import { section } from "/account/section.js";
import { bytes, date, number, percent } from "/core/format.js";
import { api } from "/session/api.js";
import { text } from "/strings.js";

const words = text.account;

export function usageSection() {
  return section(words.usage, null, async () => {
    const { usage, quota, createdAt } = await api("GET", "/api/auth/me");
    const bar = (label, used, all, show) =>
      h(
        "div",
        { class: "usage" },
        h(
          "p",
          { class: "side" },
          h("span", {}, label),
          h("span", {}, words.of(show(used), show(all), percent(used / all))),
        ),
        h("meter", { min: 0, max: all, high: all * 0.9, value: Math.min(used, all), "aria-label": label }),
      );
    return [
      bar(words.storage, usage.bytes, quota.bytes, bytes),
      bar(words.pictures, usage.images, quota.images, number),
      h("p", { class: "hint" }, words.since(date(createdAt))),
    ];
  }).element;
}
