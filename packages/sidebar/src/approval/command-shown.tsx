import type { AskedCommand } from "@orquestra/protocol";
import { count } from "../lib/format.ts";
import { reveal } from "../lib/invisible.ts";

/** A command, whole, and below it what it does step by step. Long ones scroll; nothing is left out. */
export function CommandShown({ command: { text, parts, unreadable } }: { readonly command: AskedCommand }) {
  return (
    <>
      <pre className="oq-ask-command" role="group" tabIndex={0} aria-label="The whole command">
        {reveal(text)}
      </pre>
      {unreadable !== undefined && <p className="oq-ask-warning">Nobody can say beforehand what it does. {reveal(unreadable)}</p>}
      {parts.length > 0 && (
        <div className="oq-ask-parts">
          <p className="oq-small oq-muted">
            {parts.length === 1 ? "It does more than run one program:" : `${count(parts.length)} parts:`}
          </p>
          <div className="oq-ask-part-list" role="group" tabIndex={0} aria-label="What the command does, part by part">
            <ol>
              {parts.map((part, index) => (
                // The parts of a command do not change.
                <li key={index}>
                  <span className="oq-ask-number" aria-hidden="true">
                    {index + 1}
                  </span>
                  <code>{reveal(part.text)}</code>
                  <span className="oq-ask-why oq-small oq-muted">{reveal(part.why)}</span>
                </li>
              ))}
            </ol>
          </div>
        </div>
      )}
    </>
  );
}

/** Where a command would run, in words. Only the last is a warning. */
export const accessWords: Readonly<Record<AskedCommand["access"], string>> = {
  sandbox: "in the sandbox, no network",
  network: "with the network",
  machine: "with all your rights, outside the sandbox",
};
