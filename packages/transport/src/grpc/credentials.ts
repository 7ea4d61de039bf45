import { isIP } from "node:net";
import { checkServerIdentity, createSecureContext, type SecureContextOptions } from "node:tls";
import { type ChannelCredentials, type ChannelOptions, credentials, ServerCredentials, type VerifyOptions } from "@grpc/grpc-js";
import { FlError } from "@sotto/base";
import { windowedOptions } from "./http2-window.ts";
import { callsPerConnectionMax, serverWindowSizeBytes } from "./tuning.ts";

/** What proves who one is, and who the other must be. PEM. */
export interface TlsIdentity {
  readonly rootCertificate: string;
  readonly certificate: string;
  readonly privateKey: string;
}

/**
 * Credentials of a client: its certificate, TLS 1.3, a coordinator under the root with the name or IP address that is dialled.
 * @throws FlError `invalid-argument`
 */
export function clientCredentials(tls: TlsIdentity, address: string): ChannelCredentials {
  const host = hostOf(address);
  const verify: VerifyOptions = isIP(host) === 0 ? {} : { checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate) };
  return credentials.createFromSecureContext(createSecureContext(contextOptions(tls)), verify);
}

/**
 * The option that goes with {@link clientCredentials} when an IP address is dialled: TLS may not ask for a server by one
 * (RFC 6066 §3), though grpc-js would. The certificate is still checked for the address.
 */
export function serverNameOption(address: string): ChannelOptions {
  return isIP(hostOf(address)) === 0 ? {} : { "grpc.ssl_target_name_override": "coordinator" };
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
}

/** Credentials of the coordinator: its certificate, TLS 1.3, and clients that prove one under the root. @throws FlError `invalid-argument` */
export function serverCredentials(tls: TlsIdentity): ServerCredentials {
  return new MutualTls(tls);
}

/** `ServerCredentials.createSsl` has no way to say TLS 1.3, nor to set HTTP/2's window. */
class MutualTls extends ServerCredentials {
  constructor(tls: TlsIdentity) {
    const settings = { maxConcurrentStreams: callsPerConnectionMax };
    super(windowedOptions({ requestCert: true, rejectUnauthorized: true, settings }, serverWindowSizeBytes), contextOptions(tls));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

function contextOptions({ rootCertificate, certificate, privateKey }: TlsIdentity): SecureContextOptions {
  const options: SecureContextOptions = { ca: rootCertificate, cert: certificate, key: privateKey, minVersion: "TLSv1.3" };
  try {
    createSecureContext(options);
  } catch (cause) {
    // OpenSSL's message names the fault and quotes no key.
    throw new FlError("invalid-argument", "certificate and private key are not a pair of PEM texts", { cause });
  }
  return options;
}
