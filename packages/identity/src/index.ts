export { type ClientFiles, createFederation, type FederationFiles, type FederationRequest } from "./create-federation.ts";
export { decodeKey, encodeKey, type KeyKind } from "./key-text.ts";
export { type Caller, enrolledKeys, identify, type Roster, type RosterBody, type RosterClient, type RosterOperator } from "./roster.ts";
export { parseRoster, type RosterRefusal, rosterSizeBytesMax, signRoster } from "./signed-roster.ts";
export type { TlsCredentials } from "./tls-certificate.ts";
