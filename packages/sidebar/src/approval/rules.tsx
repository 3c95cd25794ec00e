import { reveal } from "../lib/invisible.ts";

/** Rules as they will be kept, each once: two todos may want the same. */
export function Rules({ rules }: { readonly rules: readonly string[] }) {
  const each = [...new Set(rules)];
  if (each.length === 0) return null;
  return (
    <>
      <p>{each.length === 1 ? "This rule will be kept:" : "These rules will be kept:"}</p>
      <ul className="oq-rules">
        {each.map((rule) => (
          <li key={rule}>
            <code>{reveal(rule)}</code>
          </li>
        ))}
      </ul>
    </>
  );
}
