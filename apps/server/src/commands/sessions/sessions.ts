import { type Config, readConfig } from "../../config.ts";
import type { ExitCode } from "../../exit-code.ts";
import { UsageError, readArguments } from "../../usage.ts";
import { withServer } from "../../with-server.ts";
import { deleteSession } from "./delete.ts";
import { exportSession } from "./export.ts";
import { importSession } from "./import.ts";
import { listSessions } from "./list.ts";
import type { SessionsCall } from "./sessions-call.ts";

const verbs: { readonly [verb: string]: { readonly takes: string; readonly run: (call: SessionsCall) => Promise<ExitCode> } } = {
  export: { takes: "ID [--out FILE]", run: exportSession },
  import: { takes: "FILE [--as-new] [--workspace FOLDER]", run: importSession },
  delete: { takes: "ID [--yes]", run: deleteSession },
};

/** `sessions` lists them; with a verb, one of them is written to a file, read from one, or deleted. */
export async function sessions(args: readonly string[]): Promise<ExitCode> {
  const given = readArguments(args, {
    json: { type: "boolean" },
    out: { type: "string" },
    "as-new": { type: "boolean" },
    yes: { type: "boolean" },
  });
  const config: Config = readConfig(given.settings);
  const [verb, name, ...more] = given.positionals;
  if (verb === undefined) return await withServer(config, (access) => listSessions(access, given.has("json")));
  const known = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (known === undefined) throw new UsageError(`sessions takes no "${verb}". See orquestra --help.`);
  if (name === undefined || more.length > 0) throw new UsageError(`Write: orquestra sessions ${verb} ${known.takes}`);
  return await withServer(config, (access) => known.run({ access, given, name }));
}
