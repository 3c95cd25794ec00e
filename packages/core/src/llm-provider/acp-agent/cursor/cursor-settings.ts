import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { asObject, isObject, parseJson } from "../../wire/json.ts";
import type { AgentSettings } from "../program.ts";

type Environment = { readonly [name: string]: string };

const fileName = "cli-config.json";

/** Nothing of its own is allowed, and what is not even asked about is denied. */
const fenced = {
  version: 1,
  editor: { vimMode: false },
  approvalMode: "allowlist",
  autoAcceptWebSearch: false,
  permissions: { allow: [], deny: ["Shell(*)", "Write(**)", "Read(**)", "WebFetch(*)", "Mcp(*:*)"] },
};

/**
 * Settings in place of the person's own, which may allow everything. Of theirs only the login is taken over, which some versions
 * keep in the same file; `null` takes over nothing.
 */
export function cursorSettings(own: Environment | null): AgentSettings {
  return {
    variable: "CURSOR_CONFIG_DIR",
    files: async () => {
      const login = own === null ? undefined : await loginOf(own);
      const settings = login === undefined ? fenced : { ...fenced, authInfo: login };
      return { [fileName]: `${JSON.stringify(settings, null, 2)}\n` };
    },
  };
}

async function loginOf(environment: Environment): Promise<object | undefined> {
  const { XDG_CONFIG_HOME: configHome, HOME: home = "/" } = environment;
  const folders = [...(configHome === undefined ? [] : [join(configHome, "cursor")]), join(home, ".cursor")];
  for (const folder of folders) {
    const text = await readFile(join(folder, fileName), "utf8").catch(() => "");
    const login = asObject(parseJson(text))["authInfo"];
    if (isObject(login)) return login;
  }
  return undefined;
}
