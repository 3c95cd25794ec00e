/** The store on a PostgreSQL server. */
export { type PostgresOptions, openPostgresStore } from "./open-postgres-store.ts";
