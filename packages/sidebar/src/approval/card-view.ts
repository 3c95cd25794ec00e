/** What the card's foot shows: the plain answers, or one of the longer ones being given. */
export type CardView = "ask" | "some" | "why" | "run" | "always";
