import type { MarkedToken, Token, Tokens } from "marked";
import type { ReactNode } from "react";
import { isKnown } from "./blocks.ts";
import { decodeEntities } from "./entities.ts";
import { namesTarget, safeLink } from "./links.ts";

const maxDepth = 24;

interface InlineProps {
  readonly tokens: readonly Token[];
  readonly depth: number;
}

export function InlineView({ tokens, depth }: InlineProps): ReactNode {
  // Parsed once and never reordered, so a place is an identity.
  return tokens.filter(isKnown).map((token, index) => <Inline key={index} token={token} depth={depth} />);
}

function Inline({ token, depth }: { readonly token: MarkedToken; readonly depth: number }): ReactNode {
  if (depth > maxDepth) return token.raw;
  const inside = "tokens" in token && token.tokens !== undefined && <InlineView tokens={token.tokens} depth={depth + 1} />;
  switch (token.type) {
    case "strong":
      return <strong>{inside}</strong>;
    case "em":
      return <em>{inside}</em>;
    case "del":
      return <del>{inside}</del>;
    case "codespan":
      return <code>{token.text}</code>;
    case "br":
      return <br />;
    case "link":
      return <Link token={token}>{inside}</Link>;
    case "image":
      return <ImagePlaceholder token={token} />;
    case "escape":
      return token.text;
    case "text":
      return inside === false ? decodeEntities(token.text) : inside;
    case "checkbox":
      return null;
    case "paragraph":
      return inside;
    default:
      // HTML and everything unknown stays what it is: text.
      return token.raw;
  }
}

function Link({ token, children }: { readonly token: Tokens.Link; readonly children: ReactNode }) {
  const link = safeLink(decodeEntities(token.href));
  if (link === null) return <span className="oq-md-dead">{children}</span>;
  return (
    <>
      <a href={link.href} target="_blank" rel="noopener noreferrer nofollow" referrerPolicy="no-referrer">
        {children}
      </a>
      {!namesTarget(token.text, link) && <span className="oq-md-host"> ({link.target})</span>}
    </>
  );
}

/** Fetching an image would tell its host that and when this text was read. So it is named, never loaded. */
function ImagePlaceholder({ token }: { readonly token: Tokens.Image }) {
  const link = safeLink(decodeEntities(token.href));
  return (
    <span className="oq-md-image">
      image{token.text === "" ? "" : ` “${decodeEntities(token.text)}”`}
      {link !== null && <span className="oq-md-host"> not loaded from {link.target}</span>}
    </span>
  );
}
