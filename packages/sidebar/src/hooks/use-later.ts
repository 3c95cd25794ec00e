import { useEffect, useState } from "react";

/** True once the condition has held for so long (default: long enough for what has just appeared to be measured). */
export function useLater(condition: boolean, ms = 200): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!condition) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [condition, ms]);
  return late;
}
