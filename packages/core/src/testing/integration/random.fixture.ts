/** Numbers that look random and are the same for the same seed. */
export interface SeededRandom {
  readonly seed: number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
}

/** `given` is the seed of a failure to repeat; without one it is new. It is said aloud either way. */
export function seededRandom(given: string | undefined): SeededRandom {
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  console.log(`seed ${seed} (ORQUESTRA_TEST_SEED=${seed} repeats it)`);
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return { seed, between: (low, high) => low + Math.floor(next() * (high - low + 1)) };
}
