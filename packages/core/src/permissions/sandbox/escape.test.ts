import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, readdir, stat } from "node:fs/promises";
import { type Server as SocketServer, createServer } from "node:net";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { endOrdinaryServer, programs, sceneOf, servers } from "./sandbox.fixture.ts";

afterAll(endOrdinaryServer);

if (programs === null)
  console.warn("SKIPPED, escapes from the sandbox. bubblewrap was not found: install the package bubblewrap.");

/** Which call of the kernel it is on this machine. */
const keyctl = { x64: 250, arm64: 219 }[process.arch as string];

async function listen(
  where: { readonly port: number; readonly host: string } | { readonly path: string },
): Promise<SocketServer> {
  const server = createServer((socket) => socket.end("reached\n")).listen(where);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return server;
}

describe.skipIf(programs === null).each(servers)("a command of a server that runs as %s", (server) => {
  test("works in the workspace: reads, writes, runs programs, and is asked what it may do", async () => {
    const { root, run } = await sceneOf(server);
    const script = "cat package.json && echo x > new && mkdir -p a/b && mv new a/b/c && [ -w . ] && node -e 'console.log(6 * 7)'";
    expect(await run(script)).toMatchObject({ exitCode: 0, stdout: "{}42\n" });
    expect(await readFile(join(root, "a/b/c"), "utf8")).toBe("x\n");
  });

  test("writes nowhere else, not even through links", async () => {
    const { outside, run } = await sceneOf(server);
    const { stdout } = await run(`
      for place in ${outside}/new /usr/new /etc/new /new /proc/new /dev/new ${outside}/../new; do echo x > $place && echo BREACH $place; done
      ln -s ${outside}/secret.txt file; ln -s ${outside} folder
      echo x >> file && echo BREACH file; echo x > folder/new && echo BREACH folder
      chmod u+w /usr/bin/env && echo BREACH chmod`);
    expect(stdout).toBe("");
    expect(await readdir(outside)).toEqual(["secret.txt"]);
    expect(await readFile(join(outside, "secret.txt"), "utf8")).toBe("made-up-secret");
  });

  test("reads no secret of the workspace, by whatever name, and nothing of the machine's", async () => {
    const { outside, run } = await sceneOf(server);
    const { stdout } = await run(`
      ln -s .env alias; ln -s keys/.ssh folder; ln .env hard
      cat .env sub/.env.local keys/.ssh/id_rsa .git/config .git/modules/libs/one/config alias folder/id_rsa hard .git/../.env
      cp .env copy; mv .env moved; cat copy moved; mv sub sub2; cat sub2/.env.local
      cat ${outside}/secret.txt /etc/shadow /etc/gshadow /etc/ssl/private/*; ls /root /home /var /srv /mnt /work /opt`);
    expect(stdout).toBe("");
  });

  test("sees nothing of the server: environment, processes, open files", async () => {
    process.env["MADE_UP_CANARY"] = "made-up-canary";
    onTestFinished(() => void delete process.env["MADE_UP_CANARY"]);
    const { run } = await sceneOf(server);
    const { stdout } = await run(`
      env | grep CANARY; cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep CANARY
      kill -0 ${process.pid} && echo BREACH kill; ls /proc/${process.pid}/fd
      ls /proc | grep -c '^[0-9]'; ls /proc/self/fd | tr '\\n' ' '`);
    const [processes = "", files] = stdout.split("\n");
    expect(Number(processes)).toBeLessThan(8);
    expect(files).toBe("0 1 2 3 ");
  });

  test("reaches no server of the machine, and no other machine", async () => {
    const { root, run } = await sceneOf(server);
    const address = (await listen({ host: "127.0.0.1", port: 0 })).address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const name = `orquestra-${process.pid}-${port}`;
    await listen({ path: `\0${name}` });
    await listen({ path: join(root, "door") });
    const { stdout } = await run(`
      (exec 3<>/dev/tcp/127.0.0.1/${port}; cat <&3); (exec 3<>/dev/tcp/localhost/${port}; cat <&3)
      node -e '
        for (const path of ["\\0${name}", "./door"])
          require("net").connect({ path }).on("connect", () => console.log("BREACH", path)).on("error", () => {});
        require("net").connect(53, "192.0.2.1").on("connect", () => console.log("BREACH")).on("error", (e) => console.log(e.code));
        require("dns").lookup("example.com", (error) => console.log(error ? "no name" : "BREACH name"));'`);
    expect(stdout.split("\n").toSorted()).toEqual(["", "ENETUNREACH", "no name"]);
  });

  test("with the network reaches what the machine reaches, and nothing else more", async () => {
    const { outside, run } = await sceneOf(server);
    const address = (await listen({ host: "127.0.0.1", port: 0 })).address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const script = `
      (exec 3<>/dev/tcp/127.0.0.1/${port}; cat <&3)
      cat .env sub/.env.local keys/.ssh/id_rsa .git/config ${outside}/secret.txt /etc/shadow; ls /root /home /var /srv
      for place in ${outside}/new /usr/new /etc/new /new /proc/new; do echo x > $place && echo BREACH $place; done
      env | grep CANARY; kill -0 ${process.pid} && echo BREACH kill; ls -d /proc/${process.pid}
      umount .env && echo BREACH umount; mount -o remount,rw /usr && echo BREACH remount
      unshare -Ur true && echo BREACH namespace; setpriv --reuid=0 true && echo BREACH setuid
      hostname breach && echo BREACH hostname; : ignoring permissions in the folder is the most
      (( 0x$(grep CapEff /proc/self/status | cut -f2) & ~2 )) && echo BREACH capability`;
    expect((await run(script, { access: "network" })).stdout).toBe("reached\n");
    expect(await readdir(outside)).toEqual(["secret.txt"]);
  });

  test("cannot take the guards down, change the kernel's settings or be anybody else", async () => {
    const { run } = await sceneOf(server);
    const { stdout } = await run(`
      umount .env && echo BREACH umount; mount -o remount,rw /usr && echo BREACH remount; unshare -m true && echo BREACH mount
      unshare -Ur true && echo BREACH namespace; unshare -Urm sh -c 'umount .env; cat .env'
      [ -w /proc/sys/kernel/core_pattern ] && echo BREACH core_pattern
      [ -w /proc/sysrq-trigger ] && echo BREACH sysrq; [ -w /proc/irq/default_smp_affinity ] && echo BREACH irq
      chown 0 package.json 2> /dev/null && [ $(id -u) != 0 ] && echo BREACH chown
      setpriv --reuid=0 true && echo BREACH setuid; chroot / true && echo BREACH chroot; mknod disk b 8 0 && echo BREACH mknod
      grep -E '^NoNewPrivs' /proc/self/status`);
    expect(stdout).toBe("NoNewPrivs:\t1\n");
  });

  test.skipIf(keyctl === undefined || !existsSync("/usr/bin/perl"))(
    "reads no key that the server's login has left with the kernel",
    async () => {
      const { run } = await sceneOf(server);
      const session = -3;
      const { stdout } = await run(`grep '^Seccomp:' /proc/self/status; perl -e '
      print syscall($_, 0, ${session}, 0), " ", $! + 0, "\n" for (${keyctl}, 425)'`);
      const unknown = `-1 ${constants.errno.ENOSYS}\n`;
      expect(stdout).toBe(`Seccomp:\t2\n${unknown}${unknown}`);
    },
  );

  test("leaves no program that runs as root", async () => {
    const { root, run } = await sceneOf(server);
    await run("cp /bin/true own; chmod 4755 own; cat /bin/true > package.json; chmod 4755 package.json");
    for (const name of ["own", "package.json"]) {
      const { uid, mode } = await stat(join(root, name));
      expect(uid === 0 && (mode & 0o4000) !== 0, name).toBe(false);
    }
  });

  test("cannot outlive itself as a daemon", async () => {
    const { root, run } = await sceneOf(server);
    await run(`setsid sh -c '(trap "" TERM HUP; while :; do date +%N > beat; sleep 0.02; done) & exit' > log 2>&1 < /dev/null &
      while [ ! -s beat ]; do sleep 0.02; done`);
    const beat = await readFile(join(root, "beat"), "utf8");
    await wait(150);
    expect(await readFile(join(root, "beat"), "utf8")).toBe(beat);
  });
});

describe.skipIf(programs === null).each(servers.filter((server) => server !== "an ordinary user" || servers.length === 1))(
  "what a command may use up, on a server that runs as %s",
  (server) => {
    test("a fork bomb is held, and ends when it is stopped", async () => {
      const { root, run } = await sceneOf(server, { processes: 64 });
      const stop = new AbortController();
      // Counting takes no process of its own. It has begun before the bomb goes off.
      const count = "(while :; do set -- /proc/[0-9]*; echo $# >> counts; done) & until [ -s counts ]; do sleep 0.01; done";
      const bomb = "bomb() { bomb | bomb & }; bomb 2>> refused; wait; exec sleep 60";
      const ended = run(`${count}; ${bomb}`, { timeoutMs: 60_000, signal: stop.signal });
      const textOf = (name: string): Promise<string> => readFile(join(root, name), "utf8").catch(() => "");
      const held = expect.poll(() => textOf("refused"), { timeout: 30_000 }).toContain("Resource temporarily unavailable");
      await Promise.race([ended, held]);
      stop.abort();
      await expect(ended).rejects.toMatchObject({ code: "aborted" });
      // Whoever counts while some end and others begin counts both.
      expect(Math.max(...(await textOf("counts")).split("\n").map(Number))).toBeLessThan(4 * 64);
    });

    test("two commands of one user do not take each other's processes", async () => {
      const { run } = await sceneOf(server, { processes: 64 });
      const meet = (own: string, other: string): string =>
        `for i in {1..45}; do sleep 60 & done; touch ${own}; until [ -e ${other} ]; do sleep 0.02; done; echo both`;
      const [one, two] = await Promise.all([run(meet("one", "two")), run(meet("two", "one"))]);
      expect([one.stdout, two.stdout]).toEqual(["both\n", "both\n"]);
    });

    test("no file, folder in memory or process grows beyond its limit", async () => {
      const { root, run } = await sceneOf(server, { fileBytes: 4e6, temporaryBytes: 8e6, memoryBytes: 300e6 });
      const fill = (file: string): string => `head -c 6000000 /dev/zero > ${file}`;
      const { stdout } =
        await run(`${fill("big")}; for i in 1 2 3 4; do ${fill("/tmp/$i")}; ${fill("/dev/shm/$i")}; ${fill("$HOME/$i")}; done
        df --output=used -B1 /tmp /dev/shm $HOME | tail -n +2; ${fill("/x")} && echo BREACH; ${fill("/dev/x")} && echo BREACH; ${fill("/run/x")} && echo BREACH
        node -e 'const kept = []; for (let i = 0; i < 40; i++) kept.push(Buffer.alloc(2e7, 1)); console.log("BREACH memory")'`);
      expect(stdout).not.toContain("BREACH");
      for (const used of stdout.trim().split("\n").map(Number)) expect(used).toBeLessThan(8.1e6);
      expect((await stat(join(root, "big"))).size).toBe(4e6);
    });
  },
);

describe.skipIf(programs === null)("processes of the machine", () => {
  test("are no business of a command, even those of its own user", async () => {
    const { run } = await sceneOf(servers[0] ?? "an ordinary user");
    const neighbour = spawn("sleep", ["100"], { stdio: "ignore" });
    onTestFinished(() => void neighbour.kill());
    const { stdout } = await run(
      `kill ${neighbour.pid} && echo BREACH; cat /proc/*/cmdline | tr '\\0' ' ' | grep -c 'sleep 10[0]'`,
    );
    expect(stdout).toBe("0\n");
    expect(neighbour.exitCode).toBeNull();
  });
});
