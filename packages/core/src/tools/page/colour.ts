/** Red, green and blue, 0 to 255 each. */
export type Colour = readonly [number, number, number];

/** Those that pages hide text in; other names are found equal by being the same name. */
const names: { readonly [name: string]: Colour } = {
  white: [255, 255, 255],
  black: [0, 0, 0],
  red: [255, 0, 0],
  lime: [0, 255, 0],
  green: [0, 128, 0],
  blue: [0, 0, 255],
  yellow: [255, 255, 0],
  gray: [128, 128, 128],
  grey: [128, 128, 128],
  silver: [192, 192, 192],
  navy: [0, 0, 128],
  snow: [255, 250, 250],
  ivory: [255, 255, 240],
  whitesmoke: [245, 245, 245],
  ghostwhite: [248, 248, 255],
};

/** Colours closer than this in each part cannot be told apart. */
const nearest = 12;

/** The colour a text names, null where it is none this understands. */
export function colourOf(text: string): Colour | null {
  const word = text.trim().toLowerCase();
  const named = names[word];
  if (named !== undefined) return named;
  const [, short] = /^#([\da-f]{3})[\da-f]?$/.exec(word) ?? [];
  const [, long] = /^#([\da-f]{6})(?:[\da-f]{2})?$/.exec(word) ?? [];
  const digits = short?.replaceAll(/./g, "$&$&") ?? long;
  if (digits !== undefined) return triple((index) => Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16));
  const [, kind, parts = ""] = /^(rgb|hsl)a?\(([^)]*)\)$/.exec(word) ?? [];
  const numbers = parts.split(/[\s,/]+/).filter((part) => part !== "");
  if (kind === undefined || numbers.length < 3) return null;
  if (kind === "rgb") return triple((index) => valueOf(numbers[index] ?? ""));
  // A grey, whatever its hue: the other hues nobody hides text in without the same words for what is behind it.
  return numbers[2] === "100%" || numbers[2] === "0%" || numbers[1] === "0%" ? triple(() => valueOf(numbers[2] ?? "")) : null;
}

export function isNear(one: Colour, other: Colour): boolean {
  return one.every((part, index) => Math.abs(part - (other[index] ?? 0)) < nearest);
}

export function isTransparent(colour: string): boolean {
  return (
    colour === "transparent" ||
    /^#(?:[\da-f]{3}0|[\da-f]{6}0[\da-f])$/.test(colour) ||
    /^(?:rgb|hsl)a?\((?:[^,)]*,){3}\s*0?\.?0*[0-4]?%?\s*\)$/.test(colour) ||
    /^(?:rgb|hsl)a?\([^)]*\/\s*0?(?:\.0\d*)?%?\s*\)$/.test(colour)
  );
}

function triple(at: (index: number) => number): Colour {
  return [at(0), at(1), at(2)];
}

function valueOf(part: string): number {
  return part.endsWith("%") ? Number.parseFloat(part) * 2.55 : Number.parseFloat(part);
}
