import { sql } from "kysely";
import type { ForwardedCommands } from "../ownership.ts";
import type { Database } from "./database.ts";
import { holderOf } from "./ownership.ts";

export function sqlForwarded(db: Database): ForwardedCommands {
  const { query } = db;
  const rows = query.selectFrom("forwardedCommands");
  return {
    post: async ({ userId, sessionId, command, at }) => {
      const row = { userId, commandId: command.id, sessionId, command, at };
      await db.all(
        query
          .insertInto("forwardedCommands")
          .values(row)
          .onConflict((conflict) => conflict.doNothing()),
      );
    },
    waitingFor: (nodeId, limit) =>
      db.all(
        rows
          .select(["userId", "sessionId", "command", "at"])
          .where("answer", "is", null)
          .where(sql<boolean>`${sql.raw(holderOf("forwarded_commands.session_id"))} = ${nodeId}`)
          .orderBy("ordinal")
          .limit(limit),
      ),
    answer: async (userId, commandId, answer) => {
      const row = query.updateTable("forwardedCommands").where("userId", "=", userId).where("commandId", "=", commandId);
      await db.all(row.where("answer", "is", null).set({ answer }));
    },
    answerOf: async (userId, commandId) => {
      const row = rows.select("answer").where("userId", "=", userId).where("commandId", "=", commandId);
      return (await db.first(row))?.answer;
    },
    delete: async (userId, commandId) => {
      await db.all(query.deleteFrom("forwardedCommands").where("userId", "=", userId).where("commandId", "=", commandId));
    },
    trim: async (before) =>
      (await db.all(query.deleteFrom("forwardedCommands").where("at", "<", before).returning("commandId"))).length,
  };
}
