import type { User } from "@orquestra/core";

/** Who asks: every run belongs to somebody. */
export const someone: User = { id: "eval", tenant: "eval", name: "Eval", metadata: {} };
