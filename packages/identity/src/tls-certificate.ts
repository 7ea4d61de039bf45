import "reflect-metadata";
import { isIP } from "node:net";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { type ClientId, type Digest, type FederationId, FlError, type Instant, type OperatorId, type Rng, toHex } from "@sotto/base";
import { sha256Digest } from "@sotto/crypto";

/** A certificate with its private key, both PEM: the private key as PKCS 8. */
export interface TlsCredentials {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Credentials with the SHA-256 fingerprint the roster names the certificate by. */
export interface IssuedCredentials extends TlsCredentials {
  readonly fingerprint: Digest;
}

/** Whom a certificate is for. */
export type CertificateSubject =
  | { readonly kind: "client"; readonly id: ClientId }
  | { readonly kind: "operator"; readonly id: OperatorId }
  /** `names`: DNS names and IP addresses the coordinator is dialled by. */
  | { readonly kind: "coordinator"; readonly names: readonly string[] };

/** What the certificates of a federation have in common. */
export interface CertificateTerms {
  readonly federation: FederationId;
  /** X.509 counts whole seconds: a part of a second is dropped. */
  readonly validFrom: Instant;
  readonly validUntil: Instant;
  /** For serial numbers only: key pairs come from the operating system. */
  readonly rng: Rng;
}

/** The federation's own root of TLS trust. It signs certificates of coordinator, clients and operators, and no other authority. */
export interface TlsRoot extends TlsCredentials {
  /** A new key pair (ECDSA P-256) and its certificate. @throws FlError `invalid-argument` for a name a coordinator cannot be dialled by */
  issue(subject: CertificateSubject): Promise<IssuedCredentials>;
}

/** A new root: self-signed, ECDSA P-256 with SHA-256 (RFC 5480, RFC 5280), good for TLS 1.3. */
export async function createTlsRoot(terms: CertificateTerms): Promise<TlsRoot> {
  const keys = await newKeyPair();
  const root = await X509CertificateGenerator.createSelfSigned({
    ...termsOf(terms),
    name: nameOf(terms.federation, "sotto root"),
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    ...(await credentialsOf(root, keys)),
    async issue(subject) {
      const leafKeys = await newKeyPair();
      const leaf = await X509CertificateGenerator.create({
        ...termsOf(terms),
        subject: nameOf(terms.federation, subject.kind === "coordinator" ? "coordinator" : subject.id),
        issuer: root.subjectName,
        publicKey: leafKeys.publicKey,
        signingKey: keys.privateKey,
        extensions: await leafExtensions({ federation: terms.federation, subject, root, publicKey: leafKeys.publicKey }),
      });
      return { ...(await credentialsOf(leaf, leafKeys)), fingerprint: sha256Digest(new Uint8Array(leaf.rawData)) };
    },
  };
}

type KeyPair = Awaited<ReturnType<typeof newKeyPair>>;

function newKeyPair() {
  return crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
}

function termsOf({ validFrom, validUntil, rng }: CertificateTerms) {
  return {
    serialNumber: serialNumber(rng),
    notBefore: wholeSeconds(validFrom),
    notAfter: wholeSeconds(validUntil),
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
  };
}

/** 126 random bits behind 01, so that the number is positive and of 16 bytes (RFC 5280 §4.1.2.2). */
function serialNumber(rng: Rng): string {
  const bytes = rng.bytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return toHex(bytes);
}

function wholeSeconds(at: Instant): Date {
  return new Date(Math.floor(at / 1000) * 1000);
}

function nameOf(federation: FederationId, commonName: string) {
  return [{ O: [federation] }, { CN: [commonName] }];
}

interface Leaf {
  readonly federation: FederationId;
  readonly subject: CertificateSubject;
  readonly root: X509Certificate;
  readonly publicKey: KeyPair["publicKey"];
}

/** A certificate serves one end of a connection only: a client's cannot pose as the coordinator's. */
async function leafExtensions({ federation, subject, root, publicKey }: Leaf): Promise<Extension[]> {
  const purpose = subject.kind === "coordinator" ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth;
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([purpose]),
    new SubjectAlternativeNameExtension(alternativeNames(federation, subject)),
    await SubjectKeyIdentifierExtension.create(publicKey),
    await AuthorityKeyIdentifierExtension.create(root.publicKey),
  ];
}

function alternativeNames(federation: FederationId, subject: CertificateSubject): JsonGeneralName[] {
  if (subject.kind !== "coordinator") return [{ type: "url", value: `sotto://${federation}/${subject.kind}/${subject.id}` }];
  if (subject.names.length === 0) throw new FlError("invalid-argument", "a coordinator must have a name to be dialled by");
  return subject.names.map((name) => ({ type: isIP(name) === 0 ? "dns" : "ip", value: checkName(name) }));
}

/** RFC 1123 §2.1 host names, without wildcards, and IP addresses without zones. */
function checkName(name: string): string {
  const isHost =
    name.length <= 253 && /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)*[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/.test(name);
  if (isHost || (isIP(name) !== 0 && !name.includes("%"))) return name;
  throw new FlError("invalid-argument", `coordinator name ${JSON.stringify(name.slice(0, 80))} must be a DNS name or an IP address`);
}

async function credentialsOf(certificate: X509Certificate, keys: KeyPair): Promise<TlsCredentials> {
  const privateKey = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { certificate: `${certificate.toString("pem")}\n`, privateKey: `${PemConverter.encode(privateKey, "PRIVATE KEY")}\n` };
}
