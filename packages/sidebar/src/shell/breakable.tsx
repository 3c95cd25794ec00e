import { Fragment } from "react";

/** Behind a slash, and behind a dot inside a name: where a person would break an address. */
const joints = /(?<=\/)(?!\/)|(?<=\.)(?=[\w-]+\.)/;

/** A path or an address that breaks at its joints before it breaks in the middle of a word. What is copied stays the same. */
export function Breakable({ text }: { readonly text: string }) {
  return text.split(joints).map((piece, index) => (
    // Cut anew with every text, so a place is an identity.
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {piece}
    </Fragment>
  ));
}
