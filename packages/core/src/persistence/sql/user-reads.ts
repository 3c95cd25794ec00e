import type { Store } from "../store.ts";
import type { Database } from "./database.ts";
import { columnsOf, commandsTable, tables, toolUsageTable } from "./tables.ts";

const userColumns = columnsOf(tables.users);
const loginColumns = columnsOf(tables.logins);
const commandColumns = columnsOf(commandsTable);
const preferenceColumns = columnsOf(tables.preferences);
const ruleColumns = columnsOf(tables.rules);
const toolUsageColumns = columnsOf(toolUsageTable);
const memoryColumns = columnsOf(tables.memories);

type UserReads = Pick<Store, "users" | "logins" | "commands" | "preferences" | "rules" | "toolUsage" | "memories">;

/** What belongs to a user and not to a session. */
export function userReads(db: Database): UserReads {
  const { query } = db;
  return {
    users: {
      get: (id) => db.first(query.selectFrom("users").select(userColumns).where("id", "=", id)),
      list: () => db.all(query.selectFrom("users").select(userColumns).orderBy("ordinal")),
    },
    logins: {
      get: (id) => db.first(query.selectFrom("logins").select(loginColumns).where("id", "=", id)),
      take: (id) => db.first(query.deleteFrom("logins").where("id", "=", id).returning(loginColumns)),
      trim: async (before) => (await db.all(query.deleteFrom("logins").where("expiresAt", "<", before).returning("id"))).length,
    },
    commands: {
      get: (userId, id) =>
        db.first(query.selectFrom("commands").select(commandColumns).where("userId", "=", userId).where("id", "=", id)),
      trim: async (before) => (await db.all(query.deleteFrom("commands").where("at", "<", before).returning("id"))).length,
    },
    preferences: {
      list: (userId) =>
        db.all(query.selectFrom("preferences").select(preferenceColumns).where("userId", "=", userId).orderBy("ordinal")),
    },
    rules: {
      list: (userId) => db.all(query.selectFrom("rules").select(ruleColumns).where("userId", "=", userId).orderBy("ordinal")),
    },
    toolUsage: {
      list: (userId) =>
        db.all(query.selectFrom("toolUsage").select(toolUsageColumns).where("userId", "=", userId).orderBy("ordinal")),
    },
    memories: {
      list: (userId) =>
        db.all(query.selectFrom("memories").select(memoryColumns).where("userId", "=", userId).orderBy("ordinal")),
    },
  };
}
