import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { authenticateSchema, authenticatedSchema } from "./authenticate.ts";
import { commands } from "./command.ts";
import { errorCodes } from "./error.ts";
import { eventData } from "./event.ts";
import { closeCodes, frameSchemas, subprotocol } from "./frame.ts";
import { commandEnvelope } from "./parse-command.ts";

const page = readFileSync(new URL("../../../docs/protocol.md", import.meta.url), "utf8");

/** Rows of the page's tables by the type in their first column; a row may tell of several. */
const rows = new Map<string, string>();
for (const [line, first] of page.matchAll(/^\| ((?:`[a-z-]+`(?: ✎| · )?)+) \|.*$/gm)) {
  for (const [, type] of (first ?? "").matchAll(/`([a-z-]+)`/g)) if (type !== undefined) rows.set(type, line);
}

function fieldsOf(schema: z.ZodType): readonly string[] {
  const { properties = {} } = z.toJSONSchema(schema, { unrepresentable: "any", io: "input" });
  return Object.keys(properties);
}

/** Every field name there is, however deep. */
function allFieldsOf(schema: z.ZodType): readonly string[] {
  const names = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if ("properties" in value && typeof value.properties === "object" && value.properties !== null) {
      for (const name of Object.keys(value.properties)) names.add(name);
    }
    for (const inner of Object.values(value)) walk(inner);
  };
  walk(z.toJSONSchema(schema, { unrepresentable: "any", io: "input" }));
  return [...names];
}

function missing(names: readonly string[], text: string): readonly string[] {
  return names.filter((name) => !text.includes(`\`${name}\``));
}

describe("docs/protocol.md", () => {
  it.each(Object.entries(commands))(
    "has a row for the command %s, with its fields and whether it changes something",
    (type, command) => {
      const row = rows.get(type) ?? "";
      expect(missing([type, ...fieldsOf(command.data), ...fieldsOf(command.reply)], row)).toEqual([]);
      expect(row.includes(`\`${type}\` ✎`)).toBe(command.mutates);
    },
  );

  it.each(Object.entries(eventData))("has a row for the event %s, with its fields", (type, data) => {
    const row = rows.get(type) ?? "";
    const told = row.includes("a memory |") ? page : row;
    expect(missing([type], row)).toEqual([]);
    expect(missing(fieldsOf(data), told)).toEqual([]);
  });

  it("names every field of every record", () => {
    const schemas = [
      ...Object.values(commands).flatMap(({ data, reply }) => [data, reply]),
      ...Object.values(eventData),
      commandEnvelope,
    ];
    expect(missing([...new Set(schemas.flatMap(allFieldsOf))], page)).toEqual([]);
  });

  it("names every field of the frames that are no events, in their examples", () => {
    const names = [...Object.values(frameSchemas), authenticateSchema, authenticatedSchema].flatMap(allFieldsOf);
    expect(names.filter((name) => !page.includes(`"${name}":`))).toEqual([]);
  });

  it("names every error code and close code, and the subprotocol", () => {
    expect(missing([...errorCodes, ...Object.values(closeCodes).map(String), subprotocol], page)).toEqual([]);
  });

  it("names no command or event that is not there", () => {
    const known = new Set([...Object.keys(commands), ...Object.keys(eventData), ...errorCodes]);
    const said = [...page.matchAll(/`([a-z]+-[a-z]+)`/g)].map(([, name]) => name ?? "");
    expect(said.filter((name) => !known.has(name))).toEqual([]);
    expect([...rows.keys()].filter((name) => !known.has(name))).toEqual([]);
  });
});
