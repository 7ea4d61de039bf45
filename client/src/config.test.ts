import { expect, test } from "vitest";
import { parseClientConfig } from "./config.ts";
import { defaultPolicy } from "./guard/policy.ts";

const text = `
client: ward-7.basel
coordinator: fl.example.org:8443
authorityKey: authority.pub
identityKey: /etc/sotto/identity.key
tls: { rootCertificate: root.pem, certificate: own.pem, privateKey: own-key.pem }
data: tables/heart.csv
`;

test("a short configuration is filled with defaults, and its paths are of the file's folder", () => {
  expect(parseClientConfig(text, "/srv/fl")).toEqual({
    client: "ward-7.basel",
    coordinator: "fl.example.org:8443",
    authorityKey: "/srv/fl/authority.pub",
    identityKey: "/etc/sotto/identity.key",
    tls: { rootCertificate: "/srv/fl/root.pem", certificate: "/srv/fl/own.pem", privateKey: "/srv/fl/own-key.pem" },
    data: "/srv/fl/tables/heart.csv",
    state: "/srv/fl/state/ward-7.basel",
    policy: defaultPolicy,
    backend: "auto",
    logLevel: "info",
    whenIdle: "wait",
    whenDataUnusable: "leave",
  });
});

test.each([
  ["marks", "/srv/fl/marks"],
  ["/var/lib/sotto/ward-7", "/var/lib/sotto/ward-7"],
])("the state directory %s is of the file's folder", (state, absolute) => {
  expect(parseClientConfig(`${text}state: ${state}\n`, "/srv/fl").state).toBe(absolute);
});

test("every mistake is named with its path", () => {
  const wrong = `${text.replace("ward-7.basel", "Ward 7").replace(":8443", "").replace("own.pem, ", "own.pem, key: x, ")}policy: { minCohort: 2 }\nlogLevl: info\n`;
  const read = (): unknown => parseClientConfig(wrong, "/srv/fl");
  for (const named of ["client: client id", "coordinator: must be host:port", "tls: ", '"key"', "policy.minCohort: ", '"logLevl"']) {
    expect(read).toThrow(named);
  }
});

test.each(["localhost:1", "10.0.0.7:8443", "[::1]:8443"])("%s is an address", (address) => {
  expect(parseClientConfig(text.replace("fl.example.org:8443", `"${address}"`), "/srv").coordinator).toBe(address);
});
