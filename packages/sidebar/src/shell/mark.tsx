import type { Tone } from "../lib/status.ts";

interface MarkProps {
  readonly tone: Tone;
  /** Said instead of shown; absent where the words stand beside it. */
  readonly label?: string;
}

const signs: Partial<Record<Tone, string>> = { ok: "M3 6.2l2 2 4-4.5", bad: "M4 4l4 4M8 4l-4 4", off: "M3.5 6h5" };

/** The status sign: shape and colour say the same, so neither is needed alone. */
export function Mark({ tone, label }: MarkProps) {
  const sign = signs[tone];
  return (
    <span
      className="oq-mark"
      data-tone={tone}
      {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
    >
      {sign !== undefined && (
        <svg viewBox="0 0 12 12" aria-hidden="true" focusable="false">
          <path d={sign} />
        </svg>
      )}
    </span>
  );
}
