import { formatBytes, formatDuration, secondsBetween } from "../../lib/format";
import { isObject } from "../../lib/json-pointer";

/** How long ago a moment was, by the clock that wrote it: the browser's may be an hour off. */
export function agoText(moment: string, now: string): string {
  const seconds = secondsBetween(moment, now) ?? 0;
  return seconds < 1 ? "just now" : `${formatDuration(seconds)} ago`;
}

/** A device: its name, and its memory where that is known. */
export function deviceText(device: unknown): string {
  if (!isObject(device) || typeof device.name !== "string") {
    return JSON.stringify(device);
  }
  const index = typeof device.index === "number" ? `${device.index}: ` : "";
  const memory = typeof device.memory_bytes === "number" ? `, ${formatBytes(device.memory_bytes)}` : "";
  return `${index}${device.name}${memory}`;
}

/** Names and versions of what a worker runs. */
export function versionsText(versions: Record<string, unknown>): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${typeof version === "string" ? version : JSON.stringify(version)}`)
    .join(", ");
}
