/** Something that should not have been: lost, done twice, or otherwise wrong. */
export interface Finding {
  readonly kind: "lost" | "doubled" | "wrong";
  readonly what: string;
}
