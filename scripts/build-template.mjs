// Makes the empty database that a first start unpacks instead of creating one, which takes seconds. Needs the compiled package.
const { buildTemplate } = await import(new URL("../packages/core/dist/persistence/pglite/index.js", import.meta.url).href);

await buildTemplate();
