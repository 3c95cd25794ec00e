/**
 * What no command needs and no namespace divides: the kernel's keyrings, of which a command gets the server's own, with whatever
 * the login or another program has put there; and what is only good for reaching deep into the kernel (its virtual machine,
 * watching, faults served by programs, io_uring).
 */
type Call = "add_key" | "request_key" | "keyctl" | "bpf" | "perf_event_open" | "userfaultfd";
/** The same everywhere. */
const ioUring = [425, 426, 427];

interface Machine {
  /** The kernel's name of it: `AUDIT_ARCH_*`. */
  readonly audit: number;
  readonly numbers: Readonly<Record<Call, number>>;
}

const generic = { add_key: 217, request_key: 218, keyctl: 219, perf_event_open: 241, bpf: 280, userfaultfd: 282 };
const x64 = { add_key: 248, request_key: 249, keyctl: 250, perf_event_open: 298, bpf: 321, userfaultfd: 323 };
const x86 = { add_key: 286, request_key: 287, keyctl: 288, perf_event_open: 336, bpf: 357, userfaultfd: 374 };
const arm = { add_key: 309, request_key: 310, keyctl: 311, perf_event_open: 364, bpf: 386, userfaultfd: 388 };

/** Each with the 32-bit machine whose programs it runs, too. */
const machines: { readonly [arch: string]: readonly Machine[] | undefined } = {
  x64: [
    { audit: 0xc000003e, numbers: x64 },
    { audit: 0x40000003, numbers: x86 },
  ],
  arm64: [
    { audit: 0xc00000b7, numbers: generic },
    { audit: 0x40000028, numbers: arm },
  ],
};

/** On x86-64 the same calls have other names for programs of the kind x32, all from here on. No other machine has so many. */
const firstOfX32 = 0x40000000;

const load = 0x20;
const isEqual = 0x15;
const isAtLeast = 0x35;
const answer = 0x06;
const allow = 0x7fff0000;
/** `ENOSYS`: as if the kernel did not know it, for which programs are prepared. */
const refuse = 0x00050026;
/** Where the kernel puts the number of the call, and the machine it is meant for. */
const [number, machine] = [0, 4];

/** A program for the kernel that refuses these calls, as `bwrap --seccomp` reads it; null for machines not known here. */
export function callFilter(arch: string): Buffer | null {
  const known = machines[arch];
  if (known === undefined) return null;
  const sections = known.map(({ audit, numbers }) => {
    const refused = [...Object.values(numbers), ...ioUring].flatMap((one) => refusedIf(isEqual, one));
    const section = [instruction(load, number), ...refusedIf(isAtLeast, firstOfX32), ...refused, instruction(answer, allow)];
    return [instruction(load, machine), instruction(isEqual, audit, 0, section.length), ...section];
  });
  return Buffer.concat([...sections.flat(), instruction(answer, allow)]);
}

function refusedIf(test: number, value: number): readonly Buffer[] {
  return [instruction(test, value, 0, 1), instruction(answer, refuse)];
}

/** Where a test does not hold, so many of the following ones are left out. */
function instruction(code: number, value: number, whereTrue = 0, whereFalse = 0): Buffer {
  const written = Buffer.alloc(8);
  written.writeUInt16LE(code, 0);
  written.writeUInt8(whereTrue, 2);
  written.writeUInt8(whereFalse, 3);
  written.writeUInt32LE(value, 4);
  return written;
}
