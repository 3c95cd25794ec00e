import { describe, expect, it } from "vitest";
import { z } from "zod";
import { authenticateSchema, authenticatedSchema } from "./authenticate.ts";
import { commands } from "./command.ts";
import { errorCodes } from "./error.ts";
import { eventData } from "./event.ts";
import { closeCodes, frameSchemas, maxFrameBytes, subprotocol } from "./frame.ts";
import { commandEnvelope } from "./parse-command.ts";

const changed = `The wire changed: clients and tests outside the project rely on it.
Adding to it is fine. Renaming or removing needs a decision record. If the change is meant, write the new golden file with
"npm run wire:update", bring docs/protocol.md up to date, and commit both with the change.`;

function schemaOf(schema: z.ZodType): unknown {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { unrepresentable: "any", io: "input", reused: "inline" });
  return rest;
}

function schemasOf(table: { readonly [name: string]: z.ZodType }): unknown {
  return Object.fromEntries(Object.entries(table).map(([name, schema]) => [name, schemaOf(schema)]));
}

/** As the formatter would leave it: lists of plain values on one line where they fit. */
function print(value: unknown): string {
  const text = JSON.stringify(value, null, 2).replaceAll(/^.*\[\n([^[\]{}]+)\]/gm, (list) => {
    const line = list.replaceAll(/\n\s*/g, " ").replace("[ ", "[").replace(/ \]$/, "]");
    const indented = list.slice(0, list.length - list.trimStart().length) + line.trimStart();
    return indented.length <= 130 ? indented : list;
  });
  return `${text}\n`;
}

describe("the wire", () => {
  it("is what the golden file says", async () => {
    const wire = {
      subprotocol,
      maxFrameBytes,
      closeCodes,
      errorCodes,
      authenticate: { frame: schemaOf(authenticateSchema), reply: schemaOf(authenticatedSchema) },
      commandEnvelope: schemaOf(commandEnvelope),
      commands: Object.fromEntries(
        Object.entries(commands).map(([type, { mutates, data, reply }]) => [
          type,
          { mutates, data: schemaOf(data), reply: schemaOf(reply) },
        ]),
      ),

      events: schemasOf(eventData),
      frames: schemasOf(frameSchemas),
    };
    await expect(print(wire), changed).toMatchFileSnapshot("../wire.golden.json");
  });
});
