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

/** So many rows at once, so that there are few texts to prepare: each number up to eight, then powers of two up to this. */
const mostRows = 64;
const texts = new Map<string, string>();

/** Inserts rows, of which no two have the same key, in few statements. */
export function insertStatements(target: Target, rows: readonly Row[], conflict: Conflict): readonly Statement[] {
  const columns = Object.entries(target.columns);
  const statements: Statement[] = [];
  for (let start = 0, end = 0; start < rows.length; start = end) {
    const values: Parameter[] = [];
    end = start + rowsAtOnce(rows.length - start);
    for (const row of rows.slice(start, end)) for (const [column, form] of columns) values.push(parameter(row[column], form));
    statements.push({ text: insertText(target, end - start, conflict), values });
  }
  return statements;
}

function rowsAtOnce(left: number): number {
  return left <= 8 ? left : Math.min(mostRows, 2 ** Math.floor(Math.log2(left)));
}

function insertText(target: Target, rows: number, conflict: Conflict): string {
  const name = `${target.name} ${rows} ${conflict}`;
  const text = texts.get(name) ?? writeInsert(target, rows, conflict);
  texts.set(name, text);
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
