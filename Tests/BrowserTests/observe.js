// Runs before the page's own scripts. Records layout shifts and reports policy violations for the tests.

window.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries()) {
    if (!hadRecentInput) shifts.push([value, ...sources.map(({ node }) => node?.className ?? String(node))]);
  }
}).observe({ type: "layout-shift", buffered: true });

document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
  console.error(`refused by policy: ${violatedDirective} ${blockedURI}`),
);

// Starts the page signed in, as in a browser that was used before. Only once, so that signing out lasts.
// oxlint-disable-next-line no-unused-vars -- conftest.py appends the call.
function beginAs({ userId, email, accessToken, refreshToken }) {
  if (location.protocol !== "http:" || localStorage.getItem("begun")) return;
  localStorage.setItem("begun", "yes");
  const { iat, exp } = JSON.parse(atob(accessToken.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  const life = (exp - iat) * 1000;
  localStorage.setItem(
    "multires.session",
    JSON.stringify({
      userId,
      email,
      accessToken,
      refreshToken,
      renewAt: Date.now() + life - Math.min(60_000, life / 5),
    }),
  );
}
