import { readFileSync } from "node:fs";
import { FlError, fromUtf8 } from "@sotto/base";

/** The bytes of a small file. @throws FlError `not-found`, or `permission-denied` when this user may not read it */
export function readBytes(file: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (cause) {
    const isDenied = cause instanceof Error && "code" in cause && (cause.code === "EACCES" || cause.code === "EPERM");
    throw new FlError(isDenied ? "permission-denied" : "not-found", `${file} cannot be read`, { cause });
  }
}

/** The text of a small file. @throws FlError as {@link readBytes}; `invalid-argument` when it is not UTF-8 */
export function readText(file: string): string {
  return fromUtf8(readBytes(file));
}
