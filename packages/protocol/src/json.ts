import { z } from "zod";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Any JSON value. Frames arrive through `JSON.parse`, so only the type is asserted, not walked again. */
export const jsonSchema: z.ZodType<Json> = z.custom<Json>((value) => value !== undefined);

export const jsonObjectSchema = z.record(z.string(), jsonSchema);
