import type { WorkspaceTrust } from "../workspace-trust.ts";
import type { AuditTrail } from "./audit-trail.ts";

/** The same answers; each change of one is recorded before it counts. Who asked for it stands in the row of their command. */
export function auditedTrust(trust: WorkspaceTrust, audit: AuditTrail): WorkspaceTrust {
  return {
    isTrusted: (root) => trust.isTrusted(root),
    list: () => trust.list(),
    set: async (root, trusted) => {
      await audit.record({ kind: "trust-changed", userId: null, body: { workspace: root, trusted } });
      await trust.set(root, trusted);
    },
  };
}
