import { type Form, type Parameter, parameter, type Statement } from "./statement.ts";
import { columnName } from "./tables.ts";

/** What an insert must know of a table. */
interface Target {
  readonly name: string;
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, Form>>;
}

/** Values by column. */
export type Row = Readonly<Record<string, unknown>>;

/** What happens to a row that is there already: replaced, its counts added to, or the statement fails. */
type Conflict = "replace" | "add" | "refuse";

/** A server takes at most 65,535 parameters in one statement. */
const maxParameters = 60_000;
/** Texts of small inserts are kept: they come again and again. */
const keptRows = 8;
const kept = new Map<string, string>();

/** Inserts rows, of which no two have the same key: one statement, or several for very many. */
export function insertStatements(target: Target, rows: readonly Row[], conflict: Conflict): readonly Statement[] {
  const columns = Object.entries(target.columns);
  const atOnce = Math.floor(maxParameters / columns.length);
  const statements: Statement[] = [];
  for (let start = 0; start < rows.length; start += atOnce) {
    const values: Parameter[] = [];
    const end = Math.min(start + atOnce, rows.length);
    for (const row of rows.slice(start, end)) for (const [column, form] of columns) values.push(parameter(row[column], form));
    statements.push({ text: insertText(target, end - start, conflict), values });
  }
  return statements;
}

function insertText(target: Target, rows: number, conflict: Conflict): string {
  const name = `${target.name} ${rows} ${conflict}`;
  const text = kept.get(name) ?? writeInsert(target, rows, conflict);
  if (rows <= keptRows) kept.set(name, text);
  return text;
}

function writeInsert(target: Target, rows: number, conflict: Conflict): string {
  const columns = Object.keys(target.columns);
  const tuples: string[] = [];
  for (let row = 0; row < rows; row++) tuples.push(`(${columns.map((_, at) => `$${row * columns.length + at + 1}`).join(", ")})`);
  const insert = `insert into ${target.name} (${columns.map(quoted).join(", ")}) values ${tuples.join(", ")}`;
  if (conflict === "refuse") return insert;
  const others = columns.filter((column) => !target.key.includes(column)).map(quoted);
  const before = conflict === "add" ? (column: string) => `${target.name}.${column} + ` : () => "";
  const sets = others.map((column) => `${column} = ${before(column)}excluded.${column}`);
  return `${insert} on conflict (${target.key.map(quoted).join(", ")}) do update set ${sets.join(", ")}`;
}

function quoted(column: string): string {
  return `"${columnName(column)}"`;
}
