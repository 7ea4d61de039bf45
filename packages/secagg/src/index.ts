export type {
  Advert,
  AttestRequest,
  ConsistencySignature,
  DealtShare,
  MaskedHeader,
  MaskRequest,
  RevealedShare,
  SessionContext,
  ShareBundle,
  SignedHeader,
  Tolerance,
} from "./messages.ts";
export type { SecaggRefusal, SecaggRefusalCode } from "./refusal.ts";
