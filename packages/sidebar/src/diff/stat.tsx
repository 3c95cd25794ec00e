/** "+2 −1". */
export function Stat({ added, removed }: { readonly added: number; readonly removed: number }) {
  return (
    <>
      <span className="oq-added">+{added}</span> <span className="oq-removed">−{removed}</span>
    </>
  );
}
