import { useCallback, useRef, useState } from "react";
import { useSession } from "../hooks/session.ts";
import { count, money } from "../lib/format.ts";
import { useModels } from "../settings/catalog.tsx";
import { Popup } from "./popup.tsx";
import { type SessionUsage, sameUsage, usageOf } from "./usage.ts";

/** How full the model's context is; pressed, what the session used and cost. */
export function UsageRing() {
  const usage = useSession(usageOf, sameUsage);
  const model = useSession((state) => state.model);
  const { items } = useModels();
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = useCallback(() => setOpen(false), []);
  if (usage === null || usage.tokens === 0) return null;
  const size = items?.find((item) => item.model === model)?.contextWindow ?? null;
  const share = size === null ? null : Math.min(1, usage.context / size);
  const label = share === null ? "Usage" : `Context ${percent(share)} full`;
  return (
    <>
      <button
        ref={button}
        type="button"
        className="oq-icon"
        aria-label={label}
        title={label}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Ring share={share ?? 0} />
      </button>
      {open && (
        <Popup anchor={button} onClose={close} align="end">
          <UsageTable usage={usage} size={size} share={share} />
        </Popup>
      )}
    </>
  );
}

/** From here on the next messages will be told only in summary. */
const nearlyFull = 0.8;

const around = 2 * Math.PI * 6;

function Ring({ share }: { readonly share: number }) {
  return (
    <svg className="oq-ring" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <circle cx="8" cy="8" r="6" />
      {share > 0 && (
        <circle
          cx="8"
          cy="8"
          r="6"
          data-tone={share > nearlyFull ? "wait" : undefined}
          strokeDasharray={`${Math.max(share, 0.06) * around} ${around}`}
        />
      )}
    </svg>
  );
}

interface UsageTableProps {
  readonly usage: SessionUsage;
  readonly size: number | null;
  readonly share: number | null;
}

function UsageTable({ usage, size, share }: UsageTableProps) {
  return (
    <dl className="oq-usage" tabIndex={-1}>
      <dt>Context</dt>
      <dd>
        {count(usage.context)}
        {size !== null && ` of ${count(size)}`} tokens
        {share !== null && (
          <div
            className="oq-meter"
            data-tone={share > nearlyFull ? "wait" : undefined}
            role="meter"
            aria-label="Context"
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(share * 100)}
          >
            <div style={{ width: percent(share) }} />
          </div>
        )}
        {share !== null && share > nearlyFull && (
          <span className="oq-muted">Nearly full: older messages will be summarised soon.</span>
        )}
      </dd>
      <dt>Session</dt>
      <dd>
        {count(usage.tokens)} tokens{usage.cached > 0 && <span className="oq-muted">, {count(usage.cached)} of them cached</span>}
      </dd>
      {usage.cost !== null && (
        <>
          <dt>Cost</dt>
          <dd>
            {usage.costsMore && "at least "}
            {money(usage.cost)}
          </dd>
        </>
      )}
    </dl>
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
