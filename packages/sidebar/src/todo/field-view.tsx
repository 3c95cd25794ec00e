import { type ChangeEvent, type ReactNode, useId, useRef } from "react";
import { flushSync } from "react-dom";
import { Select } from "../shell/select.tsx";
import { type Draft, type Field, draftOf, isChanged } from "./fields.ts";

interface FieldViewProps {
  readonly field: Field;
  readonly error: string | undefined;
  readonly onChange: (draft: Draft) => void;
}

/** One argument: its name, its value in a field that suits it, what is wrong with it. */
export function FieldView({ field, error, onChange }: FieldViewProps) {
  const id = useId();
  const { name, original, draft } = field;
  const box = useRef<HTMLDivElement>(null);
  // The button that was pressed goes, so the focus goes to what takes its place.
  const swap = (next: Draft): void => {
    flushSync(() => onChange(next));
    box.current?.querySelector<HTMLElement>("input, textarea, .oq-edit-reference button")?.focus();
  };
  const described = error === undefined ? {} : { "aria-invalid": true, "aria-describedby": `${id}-error` };
  return (
    <div ref={box} className="oq-edit-field">
      <div className="oq-edit-name">
        {draft.kind === "reference" ? <span>{name}</span> : <label htmlFor={id}>{name}</label>}
        {isReplaced(field) && <ReplacedBy name={name} draft={draft} onChange={onChange} />}
        {isChanged(field) && (
          <button
            type="button"
            className="oq-link oq-small"
            aria-label={`as it was: ${name}`}
            onClick={() => swap(draftOf(original))}
          >
            as it was
          </button>
        )}
      </div>
      <FieldControl id={id} field={field} onChange={onChange} onSwap={swap} described={described} />
      {error !== undefined && (
        <p id={`${id}-error`} className="oq-small oq-bad">
          {error}
        </p>
      )}
    </div>
  );
}

interface ControlProps {
  readonly id: string;
  readonly field: Field;
  readonly onChange: (draft: Draft) => void;
  /** As `onChange`, by a button that is not there afterwards. */
  readonly onSwap: (draft: Draft) => void;
  readonly described: { readonly "aria-invalid"?: boolean; readonly "aria-describedby"?: string };
}

function FieldControl({ id, field, onChange, onSwap, described }: ControlProps): ReactNode {
  const { name, draft } = field;
  if (draft.kind === "boolean") {
    return (
      <label className="oq-check">
        <input
          id={id}
          type="checkbox"
          checked={draft.value}
          {...described}
          onChange={(event) => onChange({ kind: "boolean", value: event.target.checked })}
        />
        {draft.value ? "yes" : "no"}
      </label>
    );
  }
  if (draft.kind === "reference") {
    return (
      <div className="oq-edit-reference">
        <span>{draft.words}</span>
        <button
          type="button"
          className="oq-link oq-small"
          aria-label={`replace ${name}`}
          onClick={() => onSwap({ kind: "text", text: "" })}
        >
          replace
        </button>
      </div>
    );
  }
  const { kind, text } = draft;
  const shared = {
    id,
    className: isProse(name, kind) ? "oq-field" : "oq-field oq-mono",
    value: text,
    spellCheck: isProse(name, kind),
    autoCapitalize: "off",
    autoComplete: "off",
    ...described,
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => onChange({ kind, text: event.target.value }),
  };
  if (isLong(field)) return <textarea rows={Math.min(12, Math.max(2, text.split("\n").length))} {...shared} />;
  return <input type="text" {...(kind === "number" ? { inputMode: "decimal" } : {})} {...shared} />;
}

interface ReplacedProps {
  readonly name: string;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
}

/** What a result was replaced by says nothing about its kind: the person does. */
function ReplacedBy({ name, draft, onChange }: ReplacedProps) {
  const text = "text" in draft ? draft.text : "";
  return (
    <Select
      aria-label={`How ${name} is written`}
      value={draft.kind}
      onChange={(event) => onChange({ kind: event.target.value === "json" ? "json" : "text", text })}
    >
      <option value="text">Text</option>
      <option value="json">JSON</option>
    </Select>
  );
}

function isReplaced({ original, draft }: Field): boolean {
  return draftOf(original).kind === "reference" && draft.kind !== "reference";
}

const longNames = new Set(["text", "content", "body", "prompt", "question", "message", "old", "new", "command", "patch"]);
const proseNames = new Set(["prompt", "question", "message", "title", "subject", "description"]);

/** Decided by what stood there first: a field that changed while somebody types would lose the focus. */
function isLong({ name, original, draft }: Field): boolean {
  if (draft.kind === "number") return false;
  if (typeof original !== "string") return true;
  return longNames.has(name) || original.length > 60 || original.includes("\n");
}

/** Everything else is a path, a command, code or a pattern, in which each character counts. */
function isProse(name: string, kind: Draft["kind"]): boolean {
  return (kind === "text" || kind === "template") && proseNames.has(name);
}
