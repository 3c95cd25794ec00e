/** A value shorter than this would hide half of every text. */
const leastLength = 8;

/** The value and the ways it is written elsewhere: in JSON, in URLs, as base64 wherever in a text it begins, as hex. */
export function secretForms(value: string): readonly string[] {
  if (value.length < leastLength) throw new RangeError(`A secret to be redacted has at least ${leastLength} characters.`);
  const bytes = Buffer.from(value);
  const hex = bytes.toString("hex");
  const inJson = JSON.stringify(value).slice(1, -1);
  return [...new Set([value, inJson, encodeURIComponent(value), hex, hex.toUpperCase(), ...base64Forms(bytes)])];
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
