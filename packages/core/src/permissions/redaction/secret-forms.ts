/** The value and the ways it is written elsewhere: in JSON, in URLs, as base64 wherever in a text it begins, as hex. */
export function secretForms(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const hex = bytes.toString("hex");
  const inJson = JSON.stringify(value).slice(1, -1);
  return [...new Set([value, inJson, ...urlForms(value), hex, hex.toUpperCase(), ...base64Forms(bytes)])];
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
