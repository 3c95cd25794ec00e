import { createContext, use } from "react";

/** Opens the dialog in which a model is set up. */
export const SetupContext = createContext<() => void>(() => undefined);

export function useOpenSetup(): () => void {
  return use(SetupContext);
}
