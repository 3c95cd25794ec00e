/** Everything the adapters that speak PostgreSQL share. */
export { Database } from "./database.ts";
export { createSqlStore } from "./sql-store.ts";
export { valueParsers } from "./value-parsers.ts";
