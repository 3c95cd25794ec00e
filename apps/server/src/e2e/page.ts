import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";

/** Writes a message and sends it, as a person does. */
export async function say(page: Page, text: string): Promise<void> {
  const field = page.getByRole("textbox", { name: "Message", exact: true });
  await field.fill(text);
  await field.press("Enter");
}

export function sessionOf(page: Page): string {
  const [, sessionId] = /#\/s\/([^/]+)/.exec(page.url()) ?? [];
  if (sessionId === undefined) throw new Error(`no session in ${page.url()}`);
  return decodeURIComponent(sessionId);
}

/** The open card that asks. */
export function question(page: Page): Locator {
  return page.getByRole("group", { name: /^May I / });
}

/** Keeps what the page shows, where `ORQUESTRA_SCREENSHOTS` names a folder. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env["ORQUESTRA_SCREENSHOTS"];
  if (folder === undefined || folder === "") return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
