import { Suspense, lazy } from "react";

const Loaded = lazy(async () => ({ default: (await import("./stage.tsx")).Stage }));

/** The stage is a file of its own: pages without room for it never load it. */
export function Stage() {
  return (
    <Suspense fallback={<div className="oq-stage" />}>
      <Loaded />
    </Suspense>
  );
}
