/** A JSON log line as one line for people: time, level, message, then `name=value`. Ends with a line feed. */
export function readableLine(jsonLine: string): string {
  const line: Readonly<Record<string, unknown>> = JSON.parse(jsonLine);
  const { time, level, message, ...fields } = line;
  const head = `${text(time)} ${text(level).toUpperCase().padEnd(5)} ${printable(text(message))}`;
  const tail = Object.entries(fields).map(([name, value]) => ` ${printable(name)}=${printable(fieldText(value))}`);
  return `${head}${tail.join("")}\n`;
}

function fieldText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(fieldText).join(", ")}]`;
  if (typeof value === "string" && /^[^\s"=,[\]]+$/.test(value)) return value;
  return JSON.stringify(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Control and line-breaking characters escaped: what a peer sent must neither forge a line nor steer the terminal. */
function printable(line: string): string {
  return line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`);
}
