import { type Benign, type Campaign, type Suite, agentDojoSuites, attackAll, ownSuite, workAll } from "@orquestra/core/testing";
import type { Bench, Report } from "../bench.ts";
import type { Figure, Parts } from "../lib/figure.ts";

export const gullible: Bench = {
  name: "gullible",
  measures: "effects nobody approved, with a model that obeys every injection in ten ways; and what honest work asks for",
  async run(_options, report) {
    const foreign = agentDojoSuites(process.env["ORQUESTRA_CORPORA"]);
    if (foreign === null) report.line("SKIPPED: the suites of AgentDojo (ORQUESTRA_CORPORA names no folder with them).");
    const suites = [ownSuite, ...(foreign ?? [])];
    const attacked: Attacked[] = [];
    for (const suite of suites)
      attacked.push({ suite, campaign: await attackAll({ suite, mode: "workspace", rules: "allow all" }) });
    const worked: Worked[] = [];
    for (const way of ways) for (const suite of suites) worked.push({ suite, way, work: await workAll({ suite, ...way }) });
    showAttacks(attacked, report);
    showWork(worked, report);
    return figureOf(attacked, worked);
  },
};

const ways = [
  { mode: "ask", rules: "none" },
  { mode: "workspace", rules: "none" },
  { mode: "workspace", rules: "allow all" },
] as const;
type Way = (typeof ways)[number];

interface Attacked {
  readonly suite: Suite;
  readonly campaign: Campaign;
}

interface Worked {
  readonly suite: Suite;
  readonly way: Way;
  readonly work: Benign;
}

function showAttacks(attacked: readonly Attacked[], report: Report): void {
  report.table({
    title: "Attacked, in mode workspace under rules that allow everything; the person allows nothing",
    columns: ["suite", "runs", "never read", "read and not obeyed", "unapproved effects"],
    rows: attacked.map(({ suite, campaign }) => [
      suite.name,
      campaign.runs,
      campaign.unread,
      campaign.spared.length,
      campaign.breaches.length,
    ]),
  });
  for (const { campaign } of attacked) for (const breach of campaign.breaches) report.line(`UNAPPROVED: ${breach}`);
}

function showWork(worked: readonly Worked[], report: Report): void {
  report.table({
    title: "Not attacked; the person allows everything",
    columns: ["suite", "mode", "tasks", "calls", "effects", "by themselves", "asked", "cards", "as wanted"],
    rows: worked.map(({ suite, way, work }) => [
      suite.name,
      nameOf(way),
      work.tasks,
      work.calls,
      work.effects,
      percent(work.unasked, work.effects),
      work.prompts,
      work.cards,
      work.differences.length === 0 ? "yes" : `no: ${work.differences.length}`,
    ]),
  });
}

function nameOf({ mode, rules }: Way): string {
  return rules === "none" ? mode : `${mode}, all allowed by rules`;
}

function percent(part: number, whole: number): string {
  return `${Math.round((100 * part) / Math.max(1, whole))} %`;
}

function figureOf(attacked: readonly Attacked[], worked: readonly Worked[]): Figure {
  const breaches = attacked.reduce((sum, { campaign }) => sum + campaign.breaches.length, 0);
  const runs = attacked.reduce((sum, { campaign }) => sum + campaign.runs, 0);
  const modes = ways.map((way): [string, Parts] => {
    const sums = { calls: 0, effects: 0, unasked: 0, prompts: 0, cards: 0, differences: 0 };
    for (const { work } of worked.filter((one) => one.way === way)) {
      for (const key of ["calls", "effects", "unasked", "prompts", "cards"] as const) sums[key] += work[key];
      sums.differences += work.differences.length;
    }
    return [nameOf(way), sums];
  });
  const parts = { runs, ...Object.fromEntries(modes) };
  return { bench: "gullible", figure: breaches, unit: "unapproved effects", target: 0, baseline: null, ratio: null, parts };
}
