import type { LogFields } from "@sotto/base";

/** The longest text of a field or message that is told whole, in UTF-16 units; a longer one is cut there. */
export const logTextLengthMax = 1_000;

/** The longest list that is told whole; a longer one is cut there. */
export const logListLengthMax = 50;

/**
 * The fields as they may be told: what the types forbid is replaced by its kind and size, never shown; texts and lists are
 * cut at their bounds; text under a name that speaks of secrets is removed. The first line of defence is not to log secrets.
 */
export function safeFields(fields: LogFields): Record<string, unknown> {
  const told = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(told.map(([name, value]) => [safeName(name), safeValue(name, value)]));
}

/** A text cut at the bound, with the number of units that were cut. */
export function safeText(text: string): string {
  if (typeof text !== "string") return removed(text);
  if (text.length <= logTextLengthMax) return text;
  return `${text.slice(0, logTextLengthMax)}… (${text.length - logTextLengthMax} more)`;
}

const ownNames = ["time", "level", "message"];
const secretName = /secret|private|passw|seed|mask|share/i;

function safeName(name: string): string {
  const cut = name.slice(0, 100);
  return ownNames.includes(cut) ? `_${cut}` : cut;
}

/** `unknown`, because this guards against what came past the types. */
function safeValue(name: string, value: unknown): unknown {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "string" && !Array.isArray(value)) return removed(value);
  if (secretName.test(name)) return `[removed: ${value.length} under a secret's name]`;
  if (typeof value === "string") return safeText(value);
  const told = value.slice(0, logListLengthMax).map((item: unknown) => (typeof item === "string" ? safeText(item) : removed(item)));
  return value.length > logListLengthMax ? [...told, `… (${value.length - logListLengthMax} more)`] : told;
}

function removed(value: unknown): string {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return `[removed: ${value.byteLength} bytes]`;
  return `[removed: ${value === null ? "null" : typeof value}]`;
}
