import { readFileSync } from "node:fs";

/** The version of this program, as its package.json says. */
export function ownVersion(): string {
  return versionIn(new URL("../package.json", import.meta.url));
}

/** The version that a package.json states, or `unknown`. */
export function versionIn(packageJson: string | URL): string {
  const { version }: { version?: unknown } = JSON.parse(readFileSync(packageJson, "utf8"));
  return typeof version === "string" ? version : "unknown";
}
