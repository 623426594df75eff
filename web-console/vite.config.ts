import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const controlPlane = `http://localhost:${process.env["SLIPWAY_PORT"] ?? "8080"}`;

// The control plane embeds `dist` and serves it under a policy without inline scripts, so nothing may be inlined
// here. `/assets/*` carries a hash in each name and may be cached for ever; everything else may not.
export default defineConfig({
  plugins: [react()],
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
  },
  server: {
    port: 5173,
    proxy: { "/api": controlPlane, "/docs": controlPlane },
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.ts"],
  },
});
