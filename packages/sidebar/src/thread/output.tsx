import { jsonSchema } from "@orquestra/protocol";
import { useState } from "react";
import { useCommand } from "../hooks/use-command.ts";
import { plural } from "../lib/format.ts";
import { reveal } from "../lib/invisible.ts";
import { resultText } from "../lib/value.ts";

const shownLines = 10;
const pageChars = 64 * 1024;

interface OutputProps {
  readonly text: string;
  /** Where the server keeps the rest; `null` when the text is whole. */
  readonly outputRef: string | null;
}

/** What a tool returned: the first lines, then all of it on demand. */
export function Output({ text, outputRef }: OutputProps) {
  const [open, setOpen] = useState(false);
  const [read, setRead] = useState<{ readonly text: string; readonly total: number } | null>(null);
  const { state, send } = useCommand("output-read");
  const whole = read === null ? text : readable(read);
  const lines = whole.split("\n");
  const short = lines.length <= shownLines && outputRef === null;
  const more = read !== null && read.text.length < read.total;

  const load = (ref: string): void => {
    const from = read?.text.length ?? 0;
    send({ ref, range: [from, from + pageChars] }, (page) =>
      setRead((last) => ({ text: (last?.text ?? "") + page.text, total: page.total })),
    );
  };
  const showAll = (): void => {
    setOpen(true);
    if (outputRef !== null) load(outputRef);
  };

  if (whole.trim() === "") return <p className="oq-pad oq-faint">No output.</p>;
  return (
    <div>
      <pre className="oq-output" tabIndex={0} aria-label="Output">
        {reveal(open || short ? whole : lines.slice(0, shownLines).join("\n"))}
      </pre>
      {state.status === "failed" && <p className="oq-pad oq-bad">{state.message}</p>}
      {!short && !open && (
        <button type="button" className="oq-link oq-pad" onClick={showAll}>
          Show all{outputRef === null ? ` ${plural(lines.length, "line")}` : ""}
        </button>
      )}
      {open && more && outputRef !== null && (
        <button type="button" className="oq-link oq-pad" disabled={state.status === "pending"} onClick={() => load(outputRef)}>
          Show more
        </button>
      )}
    </div>
  );
}

/** The server keeps a result as it is stored; once all of it is here it can be set like its preview. */
function readable({ text, total }: { readonly text: string; readonly total: number }): string {
  if (text.length < total || !/^[[{"]/.test(text)) return text;
  const value = jsonSchema.safeParse(parsed(text));
  return value.success ? resultText(value.data) : text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
