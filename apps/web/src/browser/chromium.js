import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
const candidates = [process.env["CHROME_PATH"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
/** The browser found on this machine, or `null`. */
export const chromePath = candidates.find((path) => path !== undefined && path !== "" && existsSync(path)) ?? null;
/** True: the suites run. Without a browser they are skipped with a line that says so; in CI that is a failure. */
export function browserThere() {
    if (chromePath !== null)
        return true;
    const message = "SKIPPED: no Chromium found for the browser tests. Set CHROME_PATH to one.";
    if (process.env["CI"] === "true")
        throw new Error(message);
    process.stderr.write(`${message}\n`);
    return false;
}
/** A browser with a profile of its own that asks nobody for anything by itself. */
export function launch() {
    if (chromePath === null)
        throw new Error("no Chromium");
    return chromium.launch({
        executablePath: chromePath,
        headless: true,
        args: [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    });
}
//# sourceMappingURL=chromium.js.map