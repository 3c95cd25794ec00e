import { memo, useMemo } from "react";
import { useStore } from "../hooks/context.ts";
import { useReadable } from "../hooks/use-readable.ts";
import { Markdown } from "../markdown/lazy-markdown.tsx";
import { Icon } from "../shell/icon.tsx";

/** A stream of the model: its answer as markdown, its reasoning folded away. */
export const PartView = memo(function PartView({ partId }: { readonly partId: string }) {
  const store = useStore();
  const part = useReadable(useMemo(() => store.part(partId), [store, partId]));
  if (part === undefined) return null;
  const open = part.status === "open";
  if (part.kind === "reasoning") {
    return (
      <details className="oq-reasoning">
        <summary>
          <Icon name="chevron" /> {open ? "Reasoning…" : "Reasoning"}
        </summary>
        <Markdown text={part.text} open={open} />
      </details>
    );
  }
  return (
    <div className="oq-answer">
      <Markdown text={part.text} open={open} />
      {part.cut && <p className="oq-cut">The text breaks off here.</p>}
    </div>
  );
});
