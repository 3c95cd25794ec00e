import { stat } from "node:fs/promises";

/**
 * Whose rights a command has on the machine. Never root's: a process of user 0 may write the kernel's settings even without any
 * capability (docs/decisions/2026-11-28-the-sandbox-under-root.md). `self`: those of the server's own user, who is not root.
 */
export type Identity =
  | { readonly kind: "self"; readonly uid: number; readonly gid: number }
  | {
      readonly kind: "dropped";
      readonly uid: number;
      readonly gid: number;
      /** The folder is not theirs: within the namespace they may write what belongs to its owner all the same. */
      readonly owner: { readonly uid: number; readonly gid: number } | null;
    };

const nobody = 65_534;

/** For a server that is root: the owner of the folder, `nobody` where that is root too, or the user that was named. */
export async function identityFor(root: string, named: number | undefined): Promise<Identity> {
  const [uid, gid] = [process.getuid?.() ?? nobody, process.getgid?.() ?? nobody];
  if (uid !== 0) return { kind: "self", uid, gid };
  const owner = await stat(root);
  if (named === undefined && owner.uid !== 0) return { kind: "dropped", uid: owner.uid, gid: owner.gid || nobody, owner: null };
  const target = named ?? nobody;
  const same = owner.uid === target;
  return { kind: "dropped", uid: target, gid: target, owner: same ? null : { uid: owner.uid, gid: owner.gid } };
}

/** The users the namespace knows, by the same numbers inside and outside: the command's own, root, the folder's owner. */
export function idMaps({ uid, gid, owner }: Extract<Identity, { readonly kind: "dropped" }>): { uids: string; gids: string } {
  const map = (ids: readonly number[]): string => [...new Set(ids)].map((id) => `${id} ${id} 1\n`).join("");
  return { uids: map([uid, 0, owner?.uid ?? 0]), gids: map([gid, 0, owner?.gid ?? 0]) };
}
