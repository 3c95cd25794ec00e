import { OrquestraError } from "../lib/error.ts";

/** Why a prompt cannot be made: `context_too_small`. */
export class ContextError extends OrquestraError {}
