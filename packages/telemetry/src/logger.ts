import { type Clock, FlError, type LogFields, type Logger } from "@sotto/base";
import { type DestinationStream, pino } from "pino";
import { safeFields, safeText } from "./guard.ts";
import { readableLine } from "./readable.ts";

/** How much is told, from everything to nothing. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "silent";

/** Where lines go: any `Writable`, or a test's array. Gets one whole line a call, with its line feed. */
export interface LogDestination {
  write(line: string): unknown;
}

/** What a log is made of. */
export interface LoggerOptions {
  /** The lowest level that is told. */
  readonly level: LogLevel;
  /** Standard error when absent: standard output belongs to what a command prints. */
  readonly destination?: LogDestination;
  /** Readable lines for people at a terminal instead of JSON. Default false. */
  readonly pretty?: boolean;
  /** Time stamps from here instead of the machine's clock: for simulations and tests. */
  readonly clock?: Pick<Clock, "now">;
}

const levels = ["trace", "debug", "info", "warn", "error"] as const;
type Told = (typeof levels)[number];

/**
 * A log of one line a message: a JSON object with `time` (ISO 8601, UTC), `level` and `message`, then the fields.
 * A field of one of these three names gets an underscore in front. Second line of defence for secrets and floods: see `guard.ts`.
 * @throws FlError `invalid-argument` for an unknown level
 */
export function createLogger(options: LoggerOptions): Logger {
  const known: readonly string[] = [...levels, "silent"];
  if (!known.includes(options.level)) {
    throw new FlError("invalid-argument", `log level ${JSON.stringify(options.level)} must be one of ${known.join(", ")}`);
  }
  const { clock } = options;
  const nowMs = (): number => clock?.now() ?? Date.now();
  const out = pino(
    {
      level: options.level,
      base: null,
      messageKey: "message",
      timestamp: () => `,"time":"${new Date(nowMs()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    destinationOf(options),
  );
  const write = (level: Told, message: string, fields: LogFields): void => {
    if (out.isLevelEnabled(level)) out[level](safeFields(fields), safeText(message));
  };
  return withFields(write, {});
}

/** Fields of a child are merged here, not by pino, which would write a name twice. */
function withFields(write: (level: Told, message: string, fields: LogFields) => void, bound: LogFields): Logger {
  const at =
    (level: Told) =>
    (message: string, fields?: LogFields): void =>
      write(level, message, fields === undefined ? bound : { ...bound, ...fields });
  return {
    trace: at("trace"),
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => withFields(write, { ...bound, ...fields }),
  };
}

function destinationOf({ destination = process.stderr, pretty = false }: LoggerOptions): DestinationStream {
  return { write: (line) => void destination.write(pretty ? readableLine(line) : line) };
}
