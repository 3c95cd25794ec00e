import type { Config } from "./config.ts";
import { createDemoModel } from "./demo-model/demo-model.ts";
import { KeysFile } from "./models/keys-file.ts";
import { ServerModels } from "./models/server-models.ts";
import { addSecrets } from "./process-secrets.ts";

/** The models of these settings, with the keys pasted into this data folder. */
export async function openModels(config: Config): Promise<ServerModels> {
  const { openaiKey, openaiUrl, anthropicKey, anthropicUrl, compatibleKey, compatibleUrl } = config;
  return await ServerModels.open({
    configured: {
      openai: { key: openaiKey, baseUrl: openaiUrl },
      anthropic: { key: anthropicKey, baseUrl: anthropicUrl },
      compatible: { key: compatibleKey, baseUrl: compatibleUrl },
    },
    model: config.model,
    prices: config.prices,
    limits: config.modelLimits,
    keys: new KeysFile(config.dataDir),
    learned: (secret) => addSecrets(config.redactor, [secret]),
    demo: createDemoModel(),
    cursor: {
      command: config.cursorCommand,
      searchPath: config.searchPath,
      apiKey: config.cursorKey,
      environment: config.agentEnvironment,
    },
  });
}
