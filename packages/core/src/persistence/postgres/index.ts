/** The store on a PostgreSQL server. */
export { type HoldOptions, holdDatabase } from "./hold-database.ts";
export { type PostgresOptions, openPostgresStore } from "./open-postgres-store.ts";
