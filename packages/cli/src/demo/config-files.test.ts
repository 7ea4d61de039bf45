import { parseClientId } from "@sotto/base";
import { parseClientConfig } from "@sotto/client";
import { parseCoordinatorConfig } from "@sotto/coordinator";
import fc from "fast-check";
import { expect, test } from "vitest";
import { clientConfigText, coordinatorConfigText } from "./config-files.ts";

test("a client's file is one the client reads, wherever the folders are", () => {
  const segment = fc.string({ unit: "grapheme", minLength: 1, maxLength: 10 }).filter((text) => !/[/\0]|^\.{1,2}$/.test(text));
  fc.assert(
    fc.property(segment, segment, (folder, file) => {
      const text = clientConfigText({
        client: parseClientId("va"),
        coordinator: "localhost:4000",
        folder: `/demo/${folder}/config`,
        federation: `/demo/${folder}/federation/clients/va`,
        data: `/tables/${file}`,
      });
      const config = parseClientConfig(text, `/demo/${folder}/config`);
      expect(config.tls.privateKey).toBe(`/demo/${folder}/federation/clients/va/private-key.pem`);
      expect(config.data).toBe(`/tables/${file}`);
      expect(config.policy).toMatchObject({ minCohort: 3, maxDropout: 0.25, gamma: 0.2, weightMax: { min: 1, max: 1000 } });
    }),
  );
});

test("the coordinator's file is one the coordinator reads", () => {
  const text = coordinatorConfigText({ folder: "/demo/config", federation: "/demo/federation/coordinator", state: "/demo/state" });
  expect(parseCoordinatorConfig(text, "/demo/config")).toMatchObject({
    federation: "demo",
    listen: { host: "127.0.0.1", port: 0 },
    roster: "/demo/federation/coordinator/roster.signed",
    dataDirectory: "/demo/state",
  });
});
