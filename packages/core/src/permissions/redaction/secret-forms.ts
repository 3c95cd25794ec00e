/**
 * The value and the ways it is written elsewhere: in JSON, HTML, mail and URLs, as base64 wherever in a text it begins, as hex.
 * docs/secrets.md says which are known.
 */
export function secretForms(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const written = [value, ...jsonForms(value), ...htmlForms(value), value.replaceAll("=", "=3D"), ...urlForms(value)];
  return [...new Set([...written, ...hexForms(bytes), ...base64Forms(bytes), ...base64Forms(Buffer.from(value, "utf16le"))])];
}

/**
 * Why a value is not looked for: it would hide half of every text, or a common word such as a database's default password.
 * Null where it is.
 */
export function whyNotRedacted(value: string): string | null {
  if (value.length < leastLength) return `it has fewer than ${leastLength} characters`;
  if (value.length < longWord && /^(?:[a-z]+|[A-Z]+|[0-9]+)$/.test(value))
    return `it is a plain word of fewer than ${longWord} characters`;
  return null;
}

const leastLength = 8;
const longWord = 16;

/** As `encodeURIComponent`, a form and a strict encoder write it; some write small hex digits. */
function urlForms(value: string): readonly string[] {
  const component = encodeURIComponent(value);
  const strict = component.replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  const form = new URLSearchParams([["", value]]).toString().slice(1);
  const forms = [component, strict, form];
  return [...forms, ...forms.map((text) => text.replaceAll(/%[\dA-F]{2}/g, (code) => code.toLowerCase()))];
}

/** The characters that the value alone decides, for each of the three places in which it may begin. */
function base64Forms(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes]);
    const whole = Math.floor((shifted.length * 8) / 6);
    const text = shifted.toString("base64").slice(Math.ceil((shift * 8) / 6), whole);
    return [text, text.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

/** As JSON, as JSON within JSON, and as those write it who escape slashes, markup or all that is not ASCII. */
function jsonForms(value: string): readonly string[] {
  const once = inJson(value);
  const code = (one: string): string => String.raw`\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const escaped = [once.replaceAll("/", String.raw`\/`), once.replaceAll(/[<>&]/g, code), once.replaceAll(/[^\0-\u007f]/g, code)];
  return [once, inJson(once), ...escaped];
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Quotes have several names, and some leave them as they are. */
function htmlForms(value: string): readonly string[] {
  const markup = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const double = markup.replaceAll('"', "&quot;");
  const numbered = markup.replaceAll('"', "&#34;");
  return [
    markup,
    double,
    numbered.replaceAll("'", "&#39;"),
    ...["&#39;", "&#x27;", "&apos;"].map((one) => double.replaceAll("'", one)),
  ];
}

/** As programs print bytes: in one piece, or with something between them. */
function hexForms(bytes: Buffer): readonly string[] {
  const pairs = bytes.toString("hex").match(/../g) ?? [];
  return ["", " ", ":", String.raw`\x`, "%"].flatMap((between) => {
    const text = pairs.join(between);
    return [text, pairs.map((pair) => pair.toUpperCase()).join(between)];
  });
}
