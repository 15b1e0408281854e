import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The service takes changes from its own origin alone: the Host header must stay what the browser calls this server.
const service = { target: "http://127.0.0.1:8000", changeOrigin: false };

export default defineConfig({
  plugins: [react()],
  server: { proxy: { "/api": service, "/problems": service, "/docs": service, "/reference": service, "/healthz": service, "/readyz": service } },
  test: {
    // A busy machine is slow, not wrong.
    testTimeout: 30_000,
    restoreMocks: true,
    unstubGlobals: true,
    projects: [
      { extends: true, test: { name: "logic", include: ["src/**/*.test.ts"], environment: "node" } },
      {
        extends: true,
        test: { name: "pages", include: ["src/**/*.test.tsx"], environment: "jsdom", setupFiles: ["src/testing/setup.ts"] },
      },
    ],
  },
});
