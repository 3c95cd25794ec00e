import type { MarkedToken, Token, Tokens } from "marked";
import { createElement } from "react";
import { isKnown } from "./blocks.ts";
import { CodeBlock } from "./code-block.tsx";
import { InlineView } from "./inline-view.tsx";

/** Deeper nesting than anybody reads is shown as text, so that hostile text cannot exhaust the stack. */
const maxDepth = 12;

interface BlockProps {
  readonly token: MarkedToken;
  readonly depth: number;
}

export function BlockView({ token, depth }: BlockProps) {
  if (depth > maxDepth) return <p>{token.raw}</p>;
  switch (token.type) {
    case "space":
    case "def":
    case "checkbox":
      return null;
    case "code":
      return <CodeBlock text={token.text} language={token.lang ?? ""} />;
    case "heading":
      return createElement(`h${Math.min(6, token.depth + 1)}`, null, <InlineView tokens={token.tokens} depth={depth} />);
    case "hr":
      return <hr />;
    case "blockquote":
      return (
        <blockquote>
          <Children tokens={token.tokens} depth={depth + 1} />
        </blockquote>
      );
    case "list":
      return <List token={token} depth={depth} />;
    case "table":
      return <Table token={token} depth={depth} />;
    case "html":
      return token.block ? <p className="oq-md-html">{token.raw.trim()}</p> : <>{token.raw}</>;
    case "paragraph":
      return (
        <p>
          <InlineView tokens={token.tokens} depth={depth} />
        </p>
      );
    default:
      return <InlineView tokens={[token]} depth={depth} />;
  }
}

function Children({ tokens, depth }: { readonly tokens: readonly Token[]; readonly depth: number }) {
  // Parsed once and never reordered, so a place is an identity.
  return tokens.filter(isKnown).map((token, index) => <BlockView key={index} token={token} depth={depth} />);
}

function List({ token, depth }: { readonly token: Tokens.List; readonly depth: number }) {
  const items = token.items.map((item, index) => (
    <li key={index} className={item.task ? "oq-task" : undefined}>
      {item.task && (
        <input type="checkbox" checked={item.checked === true} disabled aria-label={item.checked ? "done" : "open"} />
      )}
      <Children tokens={item.tokens} depth={depth + 1} />
    </li>
  ));
  return token.ordered ? <ol start={token.start === "" ? 1 : token.start}>{items}</ol> : <ul>{items}</ul>;
}

function Table({ token, depth }: { readonly token: Tokens.Table; readonly depth: number }) {
  return (
    <div className="oq-md-table" tabIndex={0} role="region" aria-label="Table">
      <table>
        <thead>
          <Row cells={token.header} depth={depth} />
        </thead>
        <tbody>
          {token.rows.map((cells, index) => (
            <Row key={index} cells={cells} depth={depth} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ cells, depth }: { readonly cells: readonly Tokens.TableCell[]; readonly depth: number }) {
  return (
    <tr>
      {cells.map((cell, index) =>
        createElement(
          cell.header ? "th" : "td",
          { key: index, ...(cell.align === null ? {} : { style: { textAlign: cell.align } }) },
          <InlineView tokens={cell.tokens} depth={depth} />,
        ),
      )}
    </tr>
  );
}
