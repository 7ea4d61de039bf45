import { FlError } from "@sotto/base";

/** @throws FlError `invalid-argument` unless `bytes` are `sizeBytes` long; names what they are and never shows them */
export function assertSize(bytes: Uint8Array, sizeBytes: number, what: string): void {
  if (bytes.length !== sizeBytes) throw new FlError("invalid-argument", `${what} of ${bytes.length} bytes must be ${sizeBytes}`);
}
