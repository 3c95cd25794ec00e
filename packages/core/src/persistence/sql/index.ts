/** Everything the adapters that speak PostgreSQL share. */
export { Database } from "./database.ts";
export { storeFailure } from "./failure.ts";
export { schemaFingerprint } from "./migrations/index.ts";
export { createSqlStore } from "./sql-store.ts";
export { valueParsers } from "./value-parsers.ts";
