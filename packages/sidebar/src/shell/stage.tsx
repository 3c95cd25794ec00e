import { type KeyboardEvent, useId, useState } from "react";
import { ChangesPanel, useChangeCount } from "../score/changes-panel.tsx";
import { ScorePanel } from "../score/score-panel.tsx";

const tabs = ["score", "changes"] as const;
type Tab = (typeof tabs)[number];

/** The room beside the sidebar: the score of the run, and all changes. Never needed, pleasant to have. */
export function Stage() {
  const [tab, setTab] = useState<Tab>("score");
  const id = useId();
  const changes = useChangeCount();
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
    const next: Tab = tab === "score" ? "changes" : "score";
    setTab(next);
    document.getElementById(`${id}-${next}`)?.focus();
  };
  return (
    <section className="oq-stage" aria-label="Stage">
      <div className="oq-tabs" role="tablist" aria-label="Views" onKeyDown={onKeyDown}>
        {tabs.map((name) => (
          <button
            key={name}
            id={`${id}-${name}`}
            type="button"
            role="tab"
            aria-selected={tab === name}
            aria-controls={`${id}-panel`}
            tabIndex={tab === name ? 0 : -1}
            onClick={() => setTab(name)}
          >
            {name === "score" ? "Score" : "Changes"}
            {name === "changes" && changes > 0 && <span className="oq-faint"> {changes}</span>}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} className="oq-panel" role="tabpanel" aria-labelledby={`${id}-${tab}`}>
        {tab === "score" ? <ScorePanel /> : <ChangesPanel />}
      </div>
    </section>
  );
}
