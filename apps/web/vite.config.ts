import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** `npx vite build apps/web` makes apps/web/dist: static files for the server, without inline scripts or styles. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [react()],
  resolve: { conditions: ["@orquestra/source", "module", "browser", "development|production"] },
  build: {
    target: "es2023",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: true,
  },
});
