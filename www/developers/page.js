// Shell commands for the same tasks, with this server's URL. Later commands use variables of earlier ones.

import { h } from "/core/dom.js";
import { copyButton } from "/core/controls.js";
import { healthLine } from "/developers/health.js";
import { text } from "/strings.js";

const words = text.developers;

const lines = [
  `MULTIRES=${location.origin}
TOKEN=$(curl -s $MULTIRES/api/auth/register \\
  -H 'Content-Type: application/json' \\
  -d '{"email":"me@example.org","password":"a long pass phrase"}' |
  sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')
AUTH="Authorization: Bearer $TOKEN"`,
  `ID=$(curl -s $MULTIRES/api/images/upload -H "$AUTH" \\
  -F image=@photo.jpg |
  sed 's/.*"imageId":"\\([^"]*\\)".*/\\1/')`,
  `curl -s "$MULTIRES/api/images/$ID/status?wait=20" -H "$AUTH"`,
  `curl -s $MULTIRES/api/images -H "$AUTH"`,
  `URL=$(curl -s $MULTIRES/api/images/$ID -H "$AUTH" |
  grep -o '"url":"[^"]*/medium\\.[^"]*"' | cut -d'"' -f4)
curl -s "$URL" -o medium.jpg`,
  `curl -s -X DELETE $MULTIRES/api/images/$ID -H "$AUTH"`,
];

export function developersPage() {
  const health = healthLine();
  const steps = lines.map((line, index) => {
    const code = h("code", {}, line);
    // A scrollable element must be reachable by keyboard.
    return h(
      "li",
      {},
      h("div", { class: "side" }, h("h2", {}, words.steps[index]), copyButton(code)),
      h("pre", { tabindex: 0, role: "region", "aria-label": words.steps[index] }, code),
    );
  });
  const element = h(
    "div",
    { class: "narrow" },
    h("h1", { tabindex: -1 }, words.title),
    h("p", { class: "lead" }, words.lead),
    health.element,
    h("ol", { class: "steps" }, steps),
    h("p", {}, words.limits, " ", h("a", { href: "/api/limits" }, "/api/limits")),
    h("p", {}, words.description, " ", h("a", { href: "/openapi.json" }, "/openapi.json")),
  );
  return { element, leave: health.leave };
}
