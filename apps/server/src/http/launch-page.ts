/** The page that swaps a launch token for a cookie, and the one that says how to get one. No file: they must work without a built web app. */

const page = (body: string, script = ""): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<title>Orquestra</title>
<link rel="stylesheet" href="/launch.css">
${script}</head>
<body>
<main>
<h1>Orquestra</h1>
${body}
</main>
</body>
</html>
`;

export const launchPage = page(
  `<p id="status" role="status">Signing in…</p>
<noscript><p>This page needs JavaScript to sign you in.</p></noscript>`,
  `<script type="module" src="/launch.js"></script>\n`,
);

export const signInPage = page(
  `<p>You are not signed in here.</p>
<p>Run <code>orquestra open</code> on the machine that runs the server, and open the link it prints.</p>`,
);

/** The token leaves the address bar before anything else happens: it must not stay in the history. */
export const launchScript = `const token = new URLSearchParams(location.search).get("token") ?? "";
history.replaceState(null, "", "/launch");
const status = document.getElementById("status");
try {
  const answer = await fetch("/launch", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (answer.ok) location.replace("/");
  else status.textContent = (await answer.json()).error.message;
} catch {
  status.textContent = "The server does not answer. Is it still running?";
}
`;

export const launchStyle = `:root { color-scheme: dark light; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; }
main { padding: 2rem; max-width: 32rem; }
h1 { font-size: 1.25rem; font-weight: 600; }
code { font-family: ui-monospace, monospace; }
`;
