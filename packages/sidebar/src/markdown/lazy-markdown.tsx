import { type ComponentProps, Suspense, lazy } from "react";
import type { Markdown as LoadedMarkdown } from "./markdown.tsx";

type MarkdownProps = ComponentProps<typeof LoadedMarkdown>;

/** Begins at once, beside the first rendering, so that it is there before the first message is. */
const loading = import("./markdown.tsx").then(
  (module) => ({ default: module.Markdown }),
  () => ({ default: PlainText }),
);
const Loaded = lazy(() => loading);

/** Markdown whose renderer is a file of its own: the first paint does not wait for it. Plain text until it is there. */
export function Markdown(props: MarkdownProps) {
  return (
    <Suspense fallback={<PlainText {...props} />}>
      <Loaded {...props} />
    </Suspense>
  );
}

function PlainText({ text }: MarkdownProps) {
  return <div className="oq-md oq-md-plain">{text}</div>;
}
