import { type Clock, type Instant, instant } from "@sotto/base";
import { printable } from "./printable.ts";

/** Where progress is shown: standard error, or a test's array. */
export interface ProgressScreen {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** What a command shows while it works. Results are not progress: they go to standard output. */
export interface Progress {
  /** Where the work is now: replaces the line before on a terminal; elsewhere a line at most every 5 s. */
  now(text: string): void;
  /** Something that happened, which stays. */
  happened(text: string): void;
  /** Leaves the screen as the next line wants it. May be called twice. */
  close(): void;
}

/** What {@link createProgress} is made of. */
export interface ProgressOptions {
  readonly screen: ProgressScreen;
  readonly clock: Pick<Clock, "now">;
  /** Environment variables: a `NO_COLOR` that is not empty turns colour off (no-color.org), `TERM=dumb` the moving line too. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const quietMs = 5000;
const clearLine = "\r\u001b[K";
const dim = (text: string): string => `\u001b[2m${text}\u001b[22m`;

/** One line that moves on a terminal, plain lines into a file or pipe. */
export function createProgress({ screen, clock, environment }: ProgressOptions): Progress {
  if (screen.isTTY !== true || environment["TERM"] === "dumb") return plainProgress(screen, clock);
  const noColour = environment["NO_COLOR"];
  return movingProgress(screen, noColour === undefined || noColour === "" ? dim : (text) => text);
}

function movingProgress(screen: ProgressScreen, paint: (text: string) => string): Progress {
  let isLineOpen = false;
  const clear = (): string => (isLineOpen ? clearLine : "");
  return {
    now(text) {
      // A line longer than the screen would wrap, and only its last row could be cleared.
      const line = printable(text).slice(0, Math.max(20, columnsOf(screen) - 1));
      screen.write(`${clear()}${paint(line)}`);
      isLineOpen = true;
    },
    happened(text) {
      screen.write(`${clear()}${printable(text)}\n`);
      isLineOpen = false;
    },
    close() {
      screen.write(clear());
      isLineOpen = false;
    },
  };
}

/** A terminal that does not know its width says 0, or nothing. */
function columnsOf({ columns = 0 }: ProgressScreen): number {
  return columns > 0 ? columns : 80;
}

function plainProgress(screen: ProgressScreen, clock: Pick<Clock, "now">): Progress {
  let last = "";
  let quietUntil: Instant = instant(0);
  const write = (text: string): void => {
    screen.write(`${printable(text)}\n`);
    quietUntil = instant(clock.now() + quietMs);
    last = text;
  };
  return {
    now(text) {
      if (text !== last && clock.now() >= quietUntil) write(text);
    },
    happened: write,
    close: () => undefined,
  };
}
