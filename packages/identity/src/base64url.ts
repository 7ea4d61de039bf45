/** Bytes as base64url without padding: RFC 4648 §5. */
export function toBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");
}

/** The bytes of a base64url text; null unless it is the one such text of its bytes, so that no two texts mean the same. */
export function fromBase64url(text: string): Uint8Array | null {
  const bytes = Uint8Array.from(Buffer.from(text, "base64url"));
  return toBase64url(bytes) === text ? bytes : null;
}
