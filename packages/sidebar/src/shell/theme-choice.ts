import { useState } from "react";
import { recall, remember } from "../lib/storage.ts";
import type { MenuItem } from "./menu.tsx";

const themes = ["system", "light", "dark"] as const;
type Theme = (typeof themes)[number];

/** Applies the theme chosen in this browser. Call it before the first rendering, so that nothing flashes. */
export function applyTheme(theme: Theme = chosenTheme()): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

function chosenTheme(): Theme {
  const kept = recall("theme");
  return themes.find((theme) => theme === kept) ?? "system";
}

/** A menu entry that goes to the next theme. */
export function useThemeItem(): MenuItem {
  const [theme, setTheme] = useState<Theme>(chosenTheme);
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? "system";
  return {
    label: `Theme: ${theme}`,
    hint: `change to ${next}`,
    onSelect: () => {
      setTheme(next);
      applyTheme(next);
      remember("theme", next === "system" ? "" : next);
    },
  };
}
