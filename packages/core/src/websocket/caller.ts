import type { AttachRequest, SessionScope } from "../orchestrator/index.ts";

/** Who speaks, and how far they reach; a scope of null: as far as the user does. */
export interface Caller {
  readonly user: AttachRequest["user"];
  readonly scope: SessionScope | null;
}

/** Whether what somebody came in with is still good. */
export type Standing = () => Promise<boolean>;

/** Whom a minted token stands for; null: nobody, or not any more. */
export type Identify = (token: string) => Promise<(Caller & { readonly scope: SessionScope }) | null>;
