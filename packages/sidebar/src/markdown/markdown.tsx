import { memo, useRef } from "react";
import { BlockView } from "./block-view.tsx";
import { type Block, type Blocks, nextBlocks, noBlocks } from "./blocks.ts";

interface MarkdownProps {
  readonly text: string;
  /** True while more text is coming. */
  readonly open?: boolean;
}

/** Markdown as React elements: no HTML, no images fetched, and only the growing tail is read again. */
export function Markdown({ text, open = false }: MarkdownProps) {
  const kept = useRef<Blocks>(noBlocks);
  const blocks = nextBlocks(kept.current, text, open);
  kept.current = blocks;
  return (
    <div className="oq-md">
      {blocks.list.map((block, index) => (
        // Blocks only ever change at the end, so their place is their identity.
        <FrozenBlock key={index} block={block} />
      ))}
    </div>
  );
}

const FrozenBlock = memo(function FrozenBlock({ block }: { readonly block: Block }) {
  return <BlockView token={block.token} depth={0} />;
});
