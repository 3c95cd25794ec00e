/** A link somebody else wrote, checked: where it really goes, or `null` when it must stay text. */
export interface SafeLink {
  readonly href: string;
  /** Who gets the visit: a host name, or a mail address. */
  readonly target: string;
}

export function safeLink(href: string): SafeLink | null {
  const url = parse(href.trim());
  if (url === null) return null;
  if (url.protocol === "mailto:") return { href: url.href, target: decodeSafely(url.pathname) };
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  if (url.username !== "" || url.password !== "") return null;
  return { href: url.href, target: url.host };
}

/** True when the text of a link already says where it goes, so that it need not be said again. */
export function namesTarget(text: string, link: SafeLink): boolean {
  const said = text
    .trim()
    .toLowerCase()
    .replace(/^(https?:\/\/|mailto:)/, "");
  return said === link.target || said.startsWith(`${link.target}/`);
}

function parse(href: string): URL | null {
  try {
    return new URL(href);
  } catch {
    return null;
  }
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
