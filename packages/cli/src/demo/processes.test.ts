import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Processes, type ProcessOrder } from "./processes.ts";

const folder = mkdtempSync(join(tmpdir(), "sotto-processes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ready = JSON.stringify({ ready: { kind: "client", client: "basel" } });
const serve = `console.log(${JSON.stringify(ready)}); process.stdin.resume();`;
const untilAborted = new AbortController().signal;

function order(name: string, script: string): ProcessOrder {
  return { name, args: ["-e", script], logFile: join(folder, `${name}.log`) };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("the processes of a demo", () => {
  test("one that is ready runs until it is told to stop", async () => {
    const processes = new Processes();
    const running = await processes.start(order("serving", `console.error("to the log"); ${serve}`), untilAborted);
    expect(running.ready).toEqual({ kind: "client", client: "basel" });
    expect(isAlive(running.pid)).toBe(true);
    await processes.close();
    expect(await running.ended).toBe("SIGTERM");
    expect(isAlive(running.pid)).toBe(false);
    expect(readFileSync(join(folder, "serving.log"), "utf8")).toBe("to the log\n");
  });

  test("one that ends before it is ready is told with the end of its log", async () => {
    const processes = new Processes();
    const failing = order("failing", "console.error('first'); console.error('sotto: no such key'); process.exitCode = 3;");
    await expect(processes.start(failing, untilAborted)).rejects.toMatchObject({
      code: "failed-precondition",
      message: expect.stringMatching(/failing ended with 3 before it was ready[\s\S]*sotto: no such key/),
    });
    await processes.close();
  });

  test("an end while it serves is seen by whoever started it", async () => {
    const processes = new Processes();
    const running = await processes.start(order("dying", serve), untilAborted);
    process.kill(running.pid, "SIGKILL");
    expect(await running.ended).toBe("SIGKILL");
    await processes.close();
  });

  test("a stop while waiting ends the wait, and close leaves nothing running", async () => {
    const processes = new Processes();
    const stop = new AbortController();
    const waiting = processes.start(order("silent", "process.stdin.resume(); process.on('SIGTERM', () => process.exit(0))"), stop.signal);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
    await processes.close();
  });

  test("one that says something else is refused", async () => {
    const processes = new Processes();
    await expect(processes.start(order("other", "console.log('hello'); process.stdin.resume()"), untilAborted)).rejects.toMatchObject({
      code: "invalid-argument",
    });
    await processes.close();
  });
});
