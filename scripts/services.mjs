// What the suites need beside Node: the binaries of PostgreSQL and Redis, bubblewrap (on Linux), and Chromium. Found on the machine, or installed on Debian as root.
// The suites start and stop their own throw-away servers; a suite whose service is missing says so, and fails under CI=true.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const needs = [
  {
    name: "PostgreSQL",
    package: "postgresql",
    present: () => process.env.DATABASE_URL !== undefined || postgresFolder() !== null,
  },
  {
    name: "Redis",
    package: "redis-server",
    present: () => process.env.REDIS_URL !== undefined || onPath("redis-server").some(isExecutable),
  },
  {
    name: "bubblewrap",
    package: "bubblewrap",
    present: () => process.platform !== "linux" || onPath("bwrap").some(isExecutable),
  },
  { name: "Chromium", package: "chromium", present: () => chromium() !== null },
];

export async function prepareServices() {
  const missing = needs.filter(({ present }) => !present());
  if (missing.length > 0 && canInstall()) install(missing.map((need) => need.package));
  for (const { name, present } of needs) {
    if (!present())
      console.warn(`NOT FOUND: ${name}. Its suites are skipped${process.env.CI === "true" ? ", which fails under CI" : ""}.`);
  }
  const path = chromium();
  return path === null ? {} : { CHROME_PATH: path };
}

function canInstall() {
  return process.getuid?.() === 0 && existsSync("/etc/debian_version");
}

function install(packages) {
  console.log(`Installing ${packages.join(", ")} with apt-get …`);
  const options = { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  const startServicesAgain = keepServicesFromStarting();
  spawnSync("apt-get", ["update", "-q"], options);
  spawnSync("apt-get", ["install", "-y", "-q", "--no-install-recommends", ...packages], options);
  startServicesAgain();
  // Only the binary is wanted: the package would have its own server start with the machine.
  if (packages.includes("redis-server")) spawnSync("systemctl", ["disable", "redis-server"], { stdio: "ignore" });
}

/** Packages ask this program whether they may start what they bring; 101 forbids it. */
function keepServicesFromStarting() {
  const policy = "/usr/sbin/policy-rc.d";
  if (existsSync(policy)) return () => undefined;
  writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  return () => rmSync(policy);
}

function chromium() {
  const candidates = [process.env.CHROME_PATH, ...["chromium", "chromium-browser", "google-chrome"].flatMap(onPath)];
  return candidates.find((path) => path !== undefined && isExecutable(path)) ?? null;
}

function postgresFolder() {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).map((version) => join(root, version, "bin")) : [];
  return versions.find((folder) => isExecutable(join(folder, "initdb"))) ?? onPath("initdb").find(isExecutable) ?? null;
}

function onPath(name) {
  return (process.env.PATH ?? "").split(":").map((folder) => join(folder, name));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
