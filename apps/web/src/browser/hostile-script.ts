import { outside } from "./script-cards.ts";
import { Script } from "./script.ts";

/** So many pieces a session: what is shown at once stays short. */
const perSession = 8;

/** The name a piece goes by, to see that it was shown. */
export function nameOf(index: number): string {
  return `piece-${index}.`;
}

/** Sessions in which everything that can be somebody else's text is such a piece. */
export function hostileScripts(pieces: readonly string[]): readonly Script[] {
  const scripts: Script[] = [];
  for (let from = 0; from < pieces.length; from += perSession) scripts.push(hostileScript(pieces, from));
  return scripts;
}

function hostileScript(pieces: readonly string[], from: number): Script {
  const own = pieces.slice(from, from + perSession);
  const line = (index: number): string => (own[index % own.length] ?? "").replaceAll("\n", " ");
  const answer = own.map((piece, index) => `${nameOf(from + index)}\n\n${piece}`).join("\n\n");
  const script = new Script(`hostile-${from}`, { title: line(0).slice(0, 200), workspace: `/home/ann/${line(1).slice(0, 80)}` })
    .before(60_000)
    .ask("r1", answer, [line(2), line(3)])
    .turn(1)
    .part("p0", 1, answer, "reasoning")
    .part("p1", 1, `Before.\n\n${line(4)}`);
  own.forEach((piece, index) => {
    script
      .todo({ id: `t${index + 1}`, tool: "web_fetch", title: line(index), args: { url: line(index + 1), text: piece } })
      .ran(`t${index + 1}`, 20, piece);
  });
  return script
    .todo({ id: "t90", tool: line(0).slice(0, 60), title: line(1), args: { [line(2)]: line(3) } })
    .event("todo-failed", { todoId: "t90", error: { code: "network", message: line(4) }, ms: 10 })
    .event("todo-invalid", { todoId: "t91", line: line(5), error: { code: "parse", message: line(6) }, turn: 1 })
    .todo({ id: "t92", tool: "command_run", title: line(2), args: { command: line(3) }, effects: ["exec"], status: "proposed" })
    .event("run-steered", { text: answer })
    .event("notice", { text: line(7) })
    .part("p2", 1, answer)
    .endTurn(1, 900, 300)
    .event("approval-requested", {
      approvalId: "ap1",
      kind: "effects",
      todos: [
        {
          todoId: "t92",
          effects: ["exec"],
          summary: line(4),
          arguments: { command: line(5), [line(6)]: answer },
          provenance: [{ argument: "/command", integrity: "outside", source: line(7) }],
          control: outside,
          undoable: false,
          reasons: [line(0), line(1)],
          diff: [
            {
              path: line(2),
              status: "changed",
              added: 1,
              removed: 1,
              hunks: [
                {
                  id: "h1",
                  oldStart: 1,
                  oldLines: 1,
                  newStart: 1,
                  newLines: 1,
                  lines: [
                    { kind: "removed", text: line(3) },
                    { kind: "added", text: line(4) },
                  ],
                },
              ],
            },
          ],
          rule: line(5),
        },
      ],
      question: line(6),
    })
    .event("run-waiting", {});
}
