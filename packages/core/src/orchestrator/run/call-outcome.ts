import type { Failure, Json } from "@orquestra/protocol";

/** What came of a call. */
export type Outcome =
  | { readonly status: "completed"; readonly value: Json }
  | { readonly status: "failed"; readonly error: Failure }
  /** The reason is absent where the whole run was stopped. */
  | { readonly status: "cancelled"; readonly reason?: string }
  | { readonly status: "unknown"; readonly known: string };
