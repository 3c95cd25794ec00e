import type { ApprovalTodo } from "@orquestra/protocol";
import { reveal } from "../lib/invisible.ts";
import { Breakable } from "../shell/breakable.tsx";
import { type OutsideNote, origins, outsideNotes } from "./origin.ts";

interface NotesProps {
  readonly todo: ApprovalTodo;
  /** Said above all todos already. */
  readonly said: string | null;
}

/** What of a todo came from outside: violet and hatched, as nothing else is. */
export function OutsideNotes({ todo, said }: NotesProps) {
  const notes = outsideNotes(todo).filter((note) => note.kind === "value" || note.text !== said);
  return notes.map((note) => <Note key={note.kind === "value" ? note.name : ""} note={note} />);
}

function Note({ note }: { readonly note: OutsideNote }) {
  if (note.kind === "suggested")
    return (
      <p className="oq-ask-outside">
        <Breakable text={reveal(note.text)} />
      </p>
    );
  return (
    <div className="oq-ask-outside">
      {reveal(note.name)}{" "}
      <code>
        <Breakable text={reveal(note.value)} />
      </code>{" "}
      <span className="oq-ask-place">
        <Breakable text={reveal(note.source)} />
      </span>
    </div>
  );
}

/** Where a value in the list of arguments is from, with a mark for whose words it is. */
export function Source({
  entry: { integrity, source },
}: {
  readonly entry: { readonly integrity: keyof typeof origins; readonly source: string };
}) {
  return (
    <span className="oq-source" data-from={integrity}>
      <span
        className="oq-origin"
        data-from={integrity}
        role="img"
        aria-label={`${origins[integrity]}:`}
        title={origins[integrity]}
      />
      <span>
        <Breakable text={reveal(source)} />
      </span>
    </span>
  );
}
