import type { LogFields, Logger } from "@sotto/base";

/** One line that was logged. */
export interface LoggedLine {
  readonly level: "trace" | "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger that keeps its lines. */
export function keepingLogger(lines: LoggedLine[] = [], always: LogFields = {}): Logger & { readonly lines: readonly LoggedLine[] } {
  const at =
    (level: LoggedLine["level"]) =>
    (message: string, fields: LogFields = {}): void =>
      void lines.push({ level, message, fields: { ...always, ...fields } });
  return {
    lines,
    trace: at("trace"),
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => keepingLogger(lines, { ...always, ...fields }),
  };
}
