import { FlError } from "@sotto/base";
import { expect, test } from "vitest";
import { parseCoordinatorConfig } from "./config.ts";

const text = `
federation: hospitals
listen: { host: 0.0.0.0, port: 8443 }
authorityKey: authority.pub
roster: /etc/sotto/roster
tls: { rootCertificate: tls/root.pem, certificate: tls/own.pem, privateKey: tls/own.key }
dataDirectory: state
`;

test("a configuration is read with its defaults, and its paths are of the folder it lies in", () => {
  expect(parseCoordinatorConfig(text, "/srv/sotto")).toEqual({
    federation: "hospitals",
    listen: { host: "0.0.0.0", port: 8443 },
    authorityKey: "/srv/sotto/authority.pub",
    roster: "/etc/sotto/roster",
    tls: { rootCertificate: "/srv/sotto/tls/root.pem", certificate: "/srv/sotto/tls/own.pem", privateKey: "/srv/sotto/tls/own.key" },
    dataDirectory: "/srv/sotto/state",
    logLevel: "info",
    uploadSlots: 32,
    maskWorkers: null,
  });
});

test("every mistake is named with its place", () => {
  const wrong = text.replace("hospitals", "Not An Id").replace("8443", "70000").replace("dataDirectory", "folder");
  const mistakes = (): unknown => parseCoordinatorConfig(wrong, "/");
  expect(mistakes).toThrow(FlError);
  for (const place of ["federation", "listen.port", "dataDirectory", "folder"]) expect(mistakes).toThrow(place);
});

test("the threads that open sums are a count that a machine can have, or left to it", () => {
  const countIn = (line: string): number | null => parseCoordinatorConfig(`${text}${line}\n`, "/").maskWorkers;
  expect([countIn("maskWorkers: 0"), countIn("maskWorkers: 64"), countIn("")]).toEqual([0, 64, null]);
  for (const wrong of [-1, 65, 1.5]) expect(() => countIn(`maskWorkers: ${wrong}`)).toThrow("maskWorkers");
});
