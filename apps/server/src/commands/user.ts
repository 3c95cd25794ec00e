import { readConfig } from "../config.ts";
import { type ExitCode, exitCode } from "../exit-code.ts";
import { UsageError, readArguments } from "../usage.ts";
import { withServer } from "../with-server.ts";

/** `user add NAME`: the token is shown here and nowhere again. */
export async function user(args: readonly string[]): Promise<ExitCode> {
  const given = readArguments(args);
  const [verb, name, ...more] = given.positionals;
  if (verb !== "add" || name === undefined || name.trim() === "" || more.length > 0)
    throw new UsageError("Write: orquestra user add NAME");
  const config = readConfig(given.settings);
  const token = await withServer(config, ({ server }) => server.addUser(name));
  process.stderr.write(`The token of ${name}, shown only this once:\n`);
  process.stdout.write(`${token}\n`);
  return exitCode.ok;
}
