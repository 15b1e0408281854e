import { readdirSync, readFileSync } from "node:fs";

import react from "@vitejs/plugin-react";
import { defaultClientConditions } from "vite";
import { defineConfig } from "vitest/config";

// The service takes changes from its own origin alone: the Host header must stay what the browser calls this server.
const service = { target: "http://127.0.0.1:8000", changeOrigin: false };

// Test files share their packages and one window, because to load React and Mantine for each took half of the time.
// A file that puts something in the place of a module has a world of its own: the others would see it too.
const replacing = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.tsx"))
  .map((name) => `src/${name}`)
  .filter((path) => readFileSync(path, "utf8").includes("vi.mock("));
const pages = { environment: "jsdom", setupFiles: ["src/testing/setup.ts"] };

export default defineConfig({
  // Relative: the service may lie below a path, and says so in the page when it delivers it.
  base: "./",
  plugins: [react()],
  // The assistant's program is loaded from this service, apart from the script that uses it.
  resolve: { conditions: ["onnxruntime-web-use-extern-wasm", ...defaultClientConditions] },
  worker: { format: "es" },
  server: { proxy: { "/api": service, "/problems": service, "/docs": service, "/reference": service, "/healthz": service, "/readyz": service } },
  test: {
    // A busy machine is slow, not wrong.
    testTimeout: 30_000,
    restoreMocks: true,
    unstubGlobals: true,
    projects: [
      { extends: true, test: { name: "logic", include: ["src/**/*.test.ts"], environment: "node", isolate: false } },
      { extends: true, test: { ...pages, name: "pages", include: ["src/**/*.test.tsx"], exclude: replacing, isolate: false } },
      { extends: true, test: { ...pages, name: "pages with replaced modules", include: replacing } },
    ],
  },
});
