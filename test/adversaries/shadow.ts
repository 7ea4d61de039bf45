import { type ClientId, equalBytes, FlError } from "@sotto/base";
import { enrolledKeys, type Roster } from "@sotto/identity";
import type { Position } from "@sotto/protocol";
import {
  type Advert,
  advertise,
  type KeyingState,
  type MaskRequest,
  type MaskStreams,
  prepareMasks,
  rememberingVerifiers,
  type ShareBundle,
  type SharingState,
  shareKeys,
} from "@sotto/secagg";
import { identityOf, plan } from "./hospitals.ts";
import type { Lived, Memoir } from "./memoir.ts";
import type { Message } from "./scripted-coordinator.ts";

/** What a client knew in one session and wiped: for the test to judge what a coordinator can open. */
export interface Secrets {
  readonly client: ClientId;
  readonly position: Position;
  readonly advert: Advert;
  /** Once it dealt shares: them, its seat, and the keys it agreed on. */
  readonly bundle: ShareBundle | null;
  readonly sharing: SharingState | null;
  /** Once it masked: whose masks it was told of, and those masks, its own first. */
  readonly masked: { readonly request: MaskRequest; readonly masks: MaskStreams } | null;
}

/** Whose memoir it is, and by which roster it judged signatures. */
export interface Life {
  readonly client: ClientId;
  readonly memoir: Memoir;
  readonly roster: Roster;
}

/** Every shadow checks the same signatures again. */
const verifierOf = rememberingVerifiers();

/** Lives a memoir once more with the functions of the protocol alone, and keeps the secrets of each session the client entered, in order. */
export function secretsOf(life: Life): readonly Secrets[] {
  const found: Secrets[] = [];
  let keying: KeyingState | null = null;
  for (const lived of life.memoir.lived) {
    const { instruction, seed } = lived;
    const last = found.at(-1);
    if (instruction.kind === "advertise") {
      const { context, position } = instruction;
      const { client } = life;
      const entered = advertise({ context, client, signingKey: identityOf(client).secretKey, seed });
      keying = entered.state;
      found.push({ client, position, advert: entered.advert, bundle: null, sharing: null, masked: null });
    } else if (last !== undefined && keying !== null) {
      found.splice(-1, 1, further(last, keying, { ...lived, roster: life.roster }));
    }
  }
  return found;
}

/** What the client knew after one more instruction: an instruction that it refused, or had taken up before, taught it nothing. */
function further(secrets: Secrets, keying: KeyingState, { instruction, seed, roster }: Lived & { readonly roster: Roster }): Secrets {
  if (instruction.kind === "share-keys" && secrets.sharing === null) {
    const { gamma, delta, cohortSizeMin } = plan.aggregation;
    const rule = { enrolled: enrolledKeys(roster), tolerance: { gamma, delta }, cohortSizeMin, verifierOf };
    const shared = shareKeys(keying, { ...rule, adverts: instruction.adverts, seed });
    return shared.kind === "ok" ? { ...secrets, bundle: shared.value.bundle, sharing: shared.value.state } : secrets;
  }
  if (instruction.kind === "mask" && secrets.sharing !== null && secrets.masked === null) {
    const { request } = instruction;
    const prepared = prepareMasks(secrets.sharing, request);
    return prepared.kind === "ok" ? { ...secrets, masked: { request, masks: prepared.value.masks } } : secrets;
  }
  return secrets;
}

/** Checks that a shadow sends what its client sent: if it does not, what it says of the client is worth nothing. */
export function assertFaithful({ client, advert, bundle }: Secrets, message: Message): void {
  const isSame =
    (message.kind !== "advert" || equalBytes(message.advert.signature, advert.signature)) &&
    (message.kind !== "shares" || (bundle !== null && equalBytes(message.bundle.signature, bundle.signature)));
  if (!isSame) throw new FlError("internal", `the shadow of ${client} sends another ${message.kind} than ${client} sent`);
}
