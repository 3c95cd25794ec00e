/** Three lines of a score, three notes. */
export function Logo() {
  return (
    <svg className="oq-logo" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d="M2 5h16M2 10h16M2 15h16" />
      <circle cx="6" cy="15" r="2" />
      <circle cx="11" cy="10" r="2" />
      <circle cx="15" cy="5" r="2" />
    </svg>
  );
}
