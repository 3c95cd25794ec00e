/** What a test says of a call. `unknown`: the value is missing, of another kind, or may be read in two ways. */
export type Truth = "yes" | "no" | "unknown";

/** An allow needs every test to hold for sure; an ask or a deny holds unless one fails for sure. Both err on the side of asking. */
export function passes(said: Truth, decision: "allow" | "ask" | "deny"): boolean {
  return decision === "allow" ? said === "yes" : said !== "no";
}

export function truth(value: boolean): Truth {
  return value ? "yes" : "no";
}

/** Of several values, all of which count. */
export function ofAll(truths: readonly Truth[]): Truth {
  const [first] = truths;
  return first !== undefined && truths.every((other) => other === first) ? first : "unknown";
}

/** Of several possibilities, one of which is enough. */
export function ofAny(truths: readonly Truth[]): Truth {
  if (truths.includes("yes")) return "yes";
  return truths.includes("unknown") ? "unknown" : "no";
}
