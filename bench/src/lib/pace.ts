/** Characters of a token, as the model server counts them. */
export const tokenLength = 4;

/** How fast a model writes. */
export interface Pace {
  readonly firstTokenMs: number;
  readonly tokensPerSecond: number;
}

/** When the model has written so many characters, in ms after it was asked. */
export function writtenAt({ firstTokenMs, tokensPerSecond }: Pace, characters: number): number {
  return firstTokenMs + ((Math.ceil(characters / tokenLength) - 1) * 1000) / tokensPerSecond;
}

/** The pace of all figures, or the same film faster. */
export function paceOf(scale: number): Pace {
  return { firstTokenMs: 400 * scale, tokensPerSecond: 60 / scale };
}
