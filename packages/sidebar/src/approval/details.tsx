import type { ApprovalTodo } from "@orquestra/protocol";
import { todoNumber } from "../lib/format.ts";
import { reveal } from "../lib/invisible.ts";
import { argumentText } from "../lib/value.ts";
import { Breakable } from "../shell/breakable.tsx";
import { Icon } from "../shell/icon.tsx";
import { sourceText } from "./origin.ts";
import { Source } from "./outside-notes.tsx";
import { undoReason } from "./undo-reason.ts";

/** Every argument as it will be given, with where it is from, and the rules that made it ask. */
export function Details({ todo }: { readonly todo: ApprovalTodo }) {
  const [first, ...others] = todo.provenance;
  const all = first !== undefined && others.length > 0 && others.every(({ source }) => source === first.source) ? first : null;
  return (
    <details className="oq-ask-more">
      <summary>
        <Icon name="chevron" /> exactly what, and why I ask
      </summary>
      <p className="oq-small oq-muted">
        Todo {todoNumber(todo.todoId)}. {reveal(todo.reasons.join(" "))}
        {todo.undoable && ` It can be undone: ${undoReason(todo)}.`}
      </p>
      {all !== null && <Source entry={{ ...all, source: `All of it was ${sourceText(all.source)}.` }} />}
      <dl className="oq-args">
        {Object.entries(todo.arguments).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <div className="oq-ask-value">
                <Breakable text={reveal(argumentText(value))} />
              </div>
              {all === null && <Sources todo={todo} name={name} />}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function Sources({ todo, name }: { readonly todo: ApprovalTodo; readonly name: string }) {
  const own = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  return todo.provenance
    .filter(({ argument }) => argument === own || argument.startsWith(`${own}/`))
    .map((entry) => <Source key={entry.argument} entry={{ ...entry, source: sourceText(entry.source) }} />);
}
