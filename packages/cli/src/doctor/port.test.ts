import { createServer } from "node:net";
import { expect, test } from "vitest";
import { portFacts } from "./port.ts";

test("a port is free until somebody listens on it, and free again after", async () => {
  const host = "127.0.0.1";
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ host, port: 0 }, resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  expect(await portFacts({ host, port })).toEqual({ host, port, isFree: false, reason: "EADDRINUSE" });
  await new Promise((resolve) => server.close(resolve));
  expect(await portFacts({ host, port })).toEqual({ host, port, isFree: true, reason: null });
});

test("a host that is not this machine's has a reason", async () => {
  expect(await portFacts({ host: "192.0.2.1", port: 7443 })).toMatchObject({ isFree: false, reason: "EADDRNOTAVAIL" });
});
