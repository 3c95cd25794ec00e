interface StatProps {
  readonly added: number;
  readonly removed: number;
  /** All of it was taken back: what it was counts no more. */
  readonly undone?: boolean;
}

/** "+2 −1", or "undone". */
export function Stat({ added, removed, undone = false }: StatProps) {
  if (undone) return "undone";
  return (
    <>
      {(added > 0 || removed === 0) && <span className="oq-added">+{added}</span>}
      {added > 0 && removed > 0 && " "}
      {removed > 0 && <span className="oq-removed">−{removed}</span>}
    </>
  );
}
