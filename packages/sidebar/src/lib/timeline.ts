/** A stretch of time, in milliseconds since the epoch. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The parts of time covered by any of the spans, in order, none touching another. */
export function union(spans: readonly Span[]): readonly Span[] {
  const sorted = spans.filter((span) => span.end > span.start).toSorted((a, b) => a.start - b.start);
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged;
}

export function totalOf(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + span.end - span.start, 0);
}

/** A stretch in which nothing worked: shown short, whatever it took. */
export interface Pause {
  /** Where on the axis, 0 … 1. */
  readonly at: number;
  readonly ms: number;
}

export interface Axis {
  /** Place of a moment, 0 … 1. */
  place(at: number): number;
  readonly ticks: readonly { readonly at: number; readonly ms: number }[];
  readonly pauses: readonly Pause[];
  /** Milliseconds the axis shows, pauses shortened. */
  readonly shownMs: number;
}

const niceSteps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200].map((seconds) => seconds * 1000);

/**
 * The axis of a run: time in which something worked is to scale; time in which it waited for a person longer than a tenth of
 * that is shortened to it, so that a lunch break does not squash the work. Ticks count the shown time.
 */
export function axisOf(whole: Span, busy: readonly Span[]): Axis {
  const worked = Math.max(totalOf(busy), 100);
  const longest = Math.max(worked * 0.12, 150);
  const gaps = gapsOf(whole, busy).filter((gap) => gap.end - gap.start > longest * 1.5);
  const cut = gaps.reduce((sum, gap) => sum + (gap.end - gap.start - longest), 0);
  const shownMs = Math.max(whole.end - whole.start - cut, 100);
  const step = niceSteps.find((candidate) => shownMs / candidate <= 6) ?? Math.ceil(shownMs / 6);
  const span = Math.ceil(shownMs / step) * step;
  const shownAt = (at: number): number => {
    const before = gaps.reduce((sum, gap) => sum + shortened(gap, at, longest), 0);
    return Math.max(0, at - whole.start - before);
  };
  const place = (at: number): number => Math.min(1, shownAt(at) / span);
  return {
    place,
    shownMs,
    ticks: Array.from({ length: Math.round(span / step) + 1 }, (_, index) => ({ at: (index * step) / span, ms: index * step })),
    pauses: gaps.map((gap) => ({ at: (place(gap.start) + place(gap.end)) / 2, ms: gap.end - gap.start })),
  };
}

/** How much of a gap is left out in front of a moment. */
function shortened(gap: Span, at: number, longest: number): number {
  if (at <= gap.start) return 0;
  const through = Math.min(at, gap.end) - gap.start;
  return through * (1 - longest / (gap.end - gap.start));
}

function gapsOf(whole: Span, busy: readonly Span[]): readonly Span[] {
  const edges = [{ start: whole.start, end: whole.start }, ...busy, { start: whole.end, end: whole.end }];
  return edges.slice(1).flatMap((span, index) => {
    const before = edges[index];
    return before !== undefined && span.start > before.end ? [{ start: before.end, end: span.start }] : [];
  });
}
