import { useEffect } from "react";
import { useWaiting } from "../approval/pinned-bar.tsx";
import { useSession } from "../hooks/session.ts";

/** Keeps the title of the page: the session's, with the number of open questions in front. Renders nothing. */
export function TitleBadge() {
  const title = useSession((state) => state.title) ?? "";
  const waiting = useWaiting().length;
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ""}${title === "" ? "" : `${title} · `}Orquestra`;
  }, [title, waiting]);
  return null;
}
