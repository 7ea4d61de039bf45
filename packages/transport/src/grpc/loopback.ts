import { type ChannelOptions, Client } from "@grpc/grpc-js";
import {
  type ClientId,
  FlError,
  instant,
  type LogFields,
  type Logger,
  parseClientId,
  parseFederationId,
  parseOperatorId,
} from "@sotto/base";
import { randomRng } from "@sotto/crypto";
import { createFederation, decodeKey, type FederationFiles, identify, parseRoster, type Roster } from "@sotto/identity";
import type { CoordinatorFace } from "@sotto/protocol";
import type { Channel } from "../channel.ts";
import { type Faces, facesWith } from "../contract/connection.ts";
import { grpcChannel } from "./channel.ts";
import { clientCredentials, serverNameOption, type TlsIdentity } from "./credentials.ts";
import { dialCoordinator } from "./dial.ts";
import { type Listener, listen } from "./listen.ts";
import { clientOptions } from "./tuning.ts";

// For the tests of this package: a coordinator on 127.0.0.1 with the certificates of a fresh federation.

/** A federation of two clients and an operator, and what each dials with. */
export interface LoopbackFederation {
  readonly roster: Roster;
  readonly firstClient: ClientId;
  readonly firstTls: TlsIdentity;
  readonly secondTls: TlsIdentity;
  readonly operatorTls: TlsIdentity;
  readonly coordinatorTls: TlsIdentity;
}

/** Makes keys and certificates; the coordinator's is for the given names. */
export async function createLoopbackFederation(
  coordinatorNames: readonly string[] = ["127.0.0.1", "localhost"],
): Promise<LoopbackFederation> {
  const [firstClient, secondClient] = [parseClientId("ward-1"), parseClientId("ward-2")];
  const operator = parseOperatorId("ada");
  const files = await createFederation({
    federation: parseFederationId("loopback"),
    clients: [firstClient, secondClient],
    operators: [operator],
    coordinatorNames,
    validDays: 1,
    now: instant(Date.now()),
    rng: randomRng(),
  });
  const tls = (pair: { readonly certificate: string; readonly privateKey: string } | undefined): TlsIdentity => {
    if (pair === undefined) throw new FlError("not-found", "nobody of that name is enrolled");
    return { rootCertificate: files.tlsRootCertificate, certificate: pair.certificate, privateKey: pair.privateKey };
  };
  return {
    roster: rosterOf(files),
    firstClient,
    firstTls: tls(files.clients.get(firstClient)),
    secondTls: tls(files.clients.get(secondClient)),
    coordinatorTls: tls(files.coordinator),
    operatorTls: tls(files.operators.get(operator)),
  };
}

/** A coordinator of the federation. */
export interface Loopback {
  readonly listener: Listener;
  readonly address: string;
}

/** What a {@link startLoopback} may vary. */
export interface LoopbackOptions {
  readonly uploadSlots?: number;
  readonly logger?: Logger;
  /** Instead of the roster's. */
  readonly identify?: (fingerprint: string) => ReturnType<typeof identify>;
}

/** Listens on a free port and answers everybody by the same faces. */
export async function startLoopback(
  federation: LoopbackFederation,
  { coordinator, admin }: Faces,
  options: LoopbackOptions = {},
): Promise<Loopback> {
  const listener = await listen({
    host: "127.0.0.1",
    port: 0,
    tls: federation.coordinatorTls,
    identify: options.identify ?? ((fingerprint) => identify(federation.roster, fingerprint)),
    coordinator: () => coordinator,
    admin: () => admin,
    logger: options.logger ?? quietLogger,
    uploadSlots: options.uploadSlots ?? 8,
  });
  return { listener, address: `127.0.0.1:${listener.port}` };
}

/** {@link startLoopback} for the length of `use`, with faces of which some methods are given. */
export async function serving(
  federation: LoopbackFederation,
  faces: Parameters<typeof facesWith>[0] & { readonly options?: LoopbackOptions },
  use: (loopback: Loopback) => Promise<void>,
): Promise<void> {
  const loopback = await startLoopback(federation, facesWith(faces), faces.options);
  try {
    await use(loopback);
  } finally {
    await loopback.listener.close(0);
  }
}

/** A client for the length of `use`. */
export async function dialled<T>({ address }: Loopback, tls: TlsIdentity, use: (face: CoordinatorFace) => Promise<T>): Promise<T> {
  const face = dialCoordinator({ address, tls, logger: quietLogger });
  try {
    return await use(face);
  } finally {
    face.close();
  }
}

/** A gRPC client like that of `dialCoordinator`, with other options. */
export function rawClient(address: string, tls: TlsIdentity, options: ChannelOptions = {}): Client {
  return new Client(address, clientCredentials(tls, address), { ...clientOptions, ...serverNameOption(address), ...options });
}

/** A channel on which anything can be sent, for the length of `use`. */
export async function raw(client: Client, use: (channel: Channel) => Promise<void>): Promise<void> {
  try {
    await use(grpcChannel(client));
  } finally {
    client.close();
  }
}

/** One line of a log. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

/** A log whose lines are kept. */
export function keepingLogger(lines: LogLine[]): Logger {
  const at =
    (level: string) =>
    (message: string, fields?: LogFields): void => {
      lines.push({ level, message, fields });
    };
  const logger: Logger = {
    trace: at("trace"),
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: () => logger,
  };
  return logger;
}

/** A log that nobody reads. */
export const quietLogger: Logger = keepingLogger([]);

function rosterOf({ roster, authorityPublicKey }: FederationFiles): Roster {
  const key = decodeKey("authority-public-key", authorityPublicKey);
  const outcome = parseRoster(roster, key);
  if (outcome.kind === "refused") throw new FlError("internal", outcome.refusal.message);
  return outcome.value;
}
