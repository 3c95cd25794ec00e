import type { Arguments } from "../../usage.ts";
import type { ServerAccess } from "../../with-server.ts";

export interface SessionsCall {
  readonly access: ServerAccess;
  readonly given: Arguments;
  /** The session or the file that was named. */
  readonly name: string;
}
