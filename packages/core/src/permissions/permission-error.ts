import { OrquestraError } from "../lib/error.ts";

/** What went wrong while permissions were kept or checked: never a way around them. */
export class PermissionError extends OrquestraError {}
