import type { Connection, PoolClient, Submittable } from "pg";
import { statementName } from "./statement-name.ts";
import { parserOf } from "./value-parsers.ts";

/** A statement of any source; `values` as text of the protocol is made of them. */
export interface Sent {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Of each statement its rows, by column. */
export type Answers = readonly (readonly unknown[])[];

/**
 * Sends statements in one message and resolves with the rows of each, which come back in one as well. They are one transaction: none counts
 * when one fails, which rejects with that one's error. Each is prepared once a connection, which is most of the cost of a small one.
 */
export function exchange(client: PoolClient, statements: readonly Sent[]): Promise<Answers> {
  return new Promise((resolve, reject) => {
    client.query(new Exchange(statements, (error, answers = []) => (error === null ? resolve(answers) : reject(error))));
  });
}

type Done = (error: unknown, answers?: Answers) => void;

interface Column {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

interface Prepared {
  readonly name: string;
  readonly text: string;
  readonly values: (string | Buffer | null)[];
}

/** How the rows of statements look that are prepared on a connection: so the database need not tell it every time. */
const preparedOn = new WeakMap<Connection, Map<string, readonly Column[]>>();

/**
 * What the driver takes in place of a query, as its own cursors are: without a `begin` and with one end only, the database makes one
 * transaction of all. The driver calls its methods by their names.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
class Exchange implements Submittable {
  /** The driver puts its own before it, to watch over the time. */
  callback: Done;
  readonly #statements: readonly Prepared[];
  readonly #answers: (readonly unknown[])[] = [];
  #known = new Map<string, readonly Column[]>();
  #columns: readonly Column[] | null = null;
  #rows: unknown[] = [];

  constructor(statements: readonly Sent[], done: Done) {
    this.callback = done;
    this.#statements = statements.map(({ text, values }) => ({ name: statementName(text), text, values: values.map(wireValue) }));
  }

  submit(connection: Connection): void {
    this.#known = preparedOn.get(connection) ?? new Map<string, readonly Column[]>();
    preparedOn.set(connection, this.#known);
    connection.stream.cork();
    for (const { name, text, values } of this.#statements) {
      const isNew = !this.#known.has(name);
      // One that failed may be there or not; closing what is not there is allowed.
      if (isNew) connection.close({ type: "S", name }, true);
      if (isNew) connection.parse({ name, text, types: [] }, true);
      connection.bind({ statement: name, values }, true);
      if (isNew) connection.describe({ type: "P" }, true);
      connection.execute(null, true);
    }
    connection.sync();
    connection.stream.uncork();
  }

  handleRowDescription({ fields }: { readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[] }): void {
    this.#columns = fields.map(({ name, dataTypeID }) => ({ name, parse: parserOf(dataTypeID) }));
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const row: Record<string, unknown> = {};
    for (const [index, { name, parse }] of this.#currentColumns.entries()) {
      const text = fields[index] ?? null;
      row[name] = text === null ? null : parse(text);
    }
    this.#rows.push(row);
  }

  handleCommandComplete(): void {
    const { name } = this.#current;
    if (name !== "") this.#known.set(name, this.#currentColumns);
    this.#answers.push(this.#rows);
    this.#rows = [];
    this.#columns = null;
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete();
  }

  handleReadyForQuery(): void {
    this.callback(null, this.#answers);
  }

  handleError(error: unknown): void {
    this.callback(error);
  }

  get #current(): Prepared {
    const current = this.#statements[this.#answers.length];
    if (current === undefined) throw new Error("the database answers more than it was asked");
    return current;
  }

  get #currentColumns(): readonly Column[] {
    return this.#columns ?? this.#known.get(this.#current.name) ?? [];
  }
}

/** A value in the text form of the protocol: arrays as its own, other objects as JSON. Bytes as they are. */
function wireValue(value: unknown): string | Buffer | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return `{${value.map(element).join(",")}}`;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "object") return JSON.stringify(value);
  throw new TypeError(`a ${typeof value} is no value of a statement`);
}

function element(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value !== "string" && typeof value !== "number") throw new TypeError(`a ${typeof value} is no value of a list`);
  return `"${String(value).replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
