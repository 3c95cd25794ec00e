/** "+2 −1". */
export function Stat({ added, removed }: { readonly added: number; readonly removed: number }) {
  return (
    <>
      {(added > 0 || removed === 0) && <span className="oq-added">+{added}</span>}
      {added > 0 && removed > 0 && " "}
      {removed > 0 && <span className="oq-removed">−{removed}</span>}
    </>
  );
}
