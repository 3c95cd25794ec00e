/** How fast a model writes. A token is four characters, as the model server counts them. */
export interface Pace {
  readonly firstTokenMs: number;
  readonly tokensPerSecond: number;
}

/** When the model has written so many characters, in ms after it was asked. */
export function writtenAt({ firstTokenMs, tokensPerSecond }: Pace, characters: number): number {
  return firstTokenMs + ((Math.ceil(characters / 4) - 1) * 1000) / tokensPerSecond;
}

/** The pace of all figures, or the same film faster. */
export function paceOf(scale: number): Pace {
  return { firstTokenMs: 400 * scale, tokensPerSecond: 60 / scale };
}
