import { config } from "zod";

/**
 * Zod would try whether it may make code out of text. The policy of the page forbids that and reports each try, so that a real one
 * could not be told from it. Imported first: schemas look when they are made.
 */
config({ jitless: true });
