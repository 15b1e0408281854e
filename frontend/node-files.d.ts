/** What vite.config.ts uses of Node. */
declare module "node:fs" {
  export function readdirSync(path: string, options: { recursive: true; encoding: "utf8" }): string[];
  export function readFileSync(path: string, encoding: "utf8"): string;
}
