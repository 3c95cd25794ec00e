/** The sidebar as React components. Bring `theme.css`, a client, and a box with a height. */
export { OrquestraPage, type PageProps } from "./shell/page.tsx";
export { OrquestraSidebar } from "./shell/sidebar.tsx";
export { applyTheme } from "./shell/theme-choice.ts";
