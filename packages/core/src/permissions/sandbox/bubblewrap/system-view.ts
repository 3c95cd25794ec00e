import { existsSync, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { isWithin } from "../../place.ts";

const temporaryHome = "/run/orquestra/home";
export const commandHome = temporaryHome;
const ownSettings = "/run/orquestra/etc";

/** Programs and libraries. A link among them (`/bin` to `usr/bin`) is made again as a link. */
const programFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"];

/**
 * Of `/etc` only what programs need to start, to know the time, and to trust servers. Not `/etc/ssl/private`, no password
 * hashes, no settings of the machine's own services. Accounts and host names are our own files.
 */
const settings = [
  "ld.so.cache",
  "alternatives",
  "localtime",
  "os-release",
  "mime.types",
  "services",
  "fonts",
  "ssl/certs",
  "ssl/openssl.cnf",
  "pki/tls/certs",
  "pki/ca-trust/extracted",
];
/** Each Java has its settings in a folder named after it, and does not start without. */
const settingsOfJava = /^java(?:-[\w.-]+)?$/;
const networkSettings = ["resolv.conf", "host.conf", "gai.conf"];

/** Parts of /proc for root alone: for who may read root's files, too. */
const kernelFiles = [
  "kcore",
  "keys",
  "kmsg",
  "kpagecgroup",
  "kpagecount",
  "kpageflags",
  "latency_stats",
  "sched_debug",
  "slabinfo",
  "sysrq-trigger",
  "timer_list",
  "vmallocinfo",
];

export interface SystemView {
  /** Our own /etc/passwd and the like: `ownFiles`. */
  readonly files: string;
  readonly network: boolean;
  /** The command may read what root may: the folder is root's. */
  readonly readsAsRoot: boolean;
  readonly temporaryBytes: number;
  /** Never shown, wherever they lie: the server's data. */
  readonly hidden: readonly string[];
}

/** The machine as a command sees it: programs, a few settings, an empty home; all read-only but what is its own and in memory. */
export function systemView({ files, network, readsAsRoot, temporaryBytes, hidden }: SystemView): readonly string[] {
  const tmpfs = (path: string): readonly string[] => ["--size", String(temporaryBytes), "--perms", "1777", "--tmpfs", path];
  const shown = [...programFolders, ...nodeFolders()];
  const ofJava = readdirSync("/etc").filter((name) => settingsOfJava.test(name));
  return [
    ...programFolders.flatMap(shownAsItIs),
    ...[...settings, ...ofJava, ...(network ? networkSettings : [])].flatMap((name) => shownReadOnly(`/etc/${name}`)),
    "--ro-bind",
    files,
    ownSettings,
    // Each mount takes bubblewrap a while, a link takes it nothing.
    ...["passwd", "group", "hosts", "nsswitch.conf", "gitconfig"].flatMap((name) => [
      "--symlink",
      join(ownSettings, name),
      `/etc/${name}`,
    ]),
    ...nodeFolders().flatMap(shownReadOnly),
    "--proc",
    "/proc",
    ...(readsAsRoot ? kernelFiles : [])
      .map((name) => `/proc/${name}`)
      .filter((path) => existsSync(path))
      .flatMap((path) => ["--ro-bind", "/dev/null", path]),
    "--remount-ro",
    "/proc",
    "--dev",
    "/dev",
    ...tmpfs("/dev/shm"),
    "--remount-ro",
    "/dev",
    ...tmpfs("/tmp"),
    ...tmpfs(temporaryHome),
    ...hidden.filter((path) => existsSync(path) && shown.some((folder) => isWithin(folder, path))).flatMap((path) => tmpfs(path)),
  ];
}

function shownAsItIs(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  return lstatSync(path).isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
}

function shownReadOnly(path: string): readonly string[] {
  return existsSync(path) ? ["--ro-bind", path, path] : [];
}

/**
 * The Node that runs the server, so that its programs are found: the folder it was installed into, or, where that holds more
 * than an installation (a home folder with `bin/node`), the one file.
 */
function nodeFolders(): readonly string[] {
  const program = process.execPath;
  if (isWithin("/usr", program)) return [];
  const folder = dirname(dirname(program));
  const home = homedir();
  const isInstallation = existsSync(join(folder, "lib/node_modules")) && folder !== "/" && !isWithin(folder, home);
  return [isInstallation ? folder : program];
}
