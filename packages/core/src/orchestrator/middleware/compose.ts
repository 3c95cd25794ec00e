/** One layer around what `next` does. */
export type Layer<Call, Change, Result> = (call: Call, next: (change?: Change) => Result) => Result;

export interface Composition<Call, Change, Result> {
  /** The call as the next layer gets it. */
  readonly merge: (call: Call, change: Change) => Call;
  /** Starts a layer, and puts its name to what it throws. */
  readonly guard: (layer: string, start: () => Result) => Result;
}

/** Layers as one, the first outermost. What an inner layer does is the outer one's `next`. */
export function compose<Call, Change, Result>(
  layers: readonly Layer<Call, Change, Result>[],
  { merge, guard }: Composition<Call, Change, Result>,
): (call: Call, innermost: (call: Call) => Result) => Result {
  return (call, innermost) => {
    const enter = (index: number, at: Call): Result => {
      const layer = layers[index];
      if (layer === undefined) return innermost(at);
      const next = (change?: Change): Result => enter(index + 1, change === undefined ? at : merge(at, change));
      return guard(layer.name, () => layer(at, next));
    };
    return enter(0, call);
  };
}

/** Ends when either does. */
export function stricter(signal: AbortSignal, own: AbortSignal | undefined): AbortSignal {
  return own === undefined || own === signal ? signal : AbortSignal.any([signal, own]);
}
