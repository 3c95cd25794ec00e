import { isPath, withoutScheme } from "../lib/value.ts";
import { reveal } from "../lib/invisible.ts";

interface ArgumentProps {
  readonly text: string;
  /** How much of its beginning stands in every line beside it and is left out. */
  readonly skip?: number;
}

/** What a call is about, on one line. Of a path the end stays, of anything else the beginning. */
export function Argument({ text, skip = 0 }: ArgumentProps) {
  const shown = skip === 0 ? withoutScheme(text) : `…${text.slice(skip)}`;
  return (
    <code className={skip === 0 && isPath(text) ? "oq-clip oq-clip-start" : "oq-clip"} title={reveal(text)}>
      <bdi>{reveal(shown)}</bdi>
    </code>
  );
}
