import { type Instant, parseClientId, parseFederationId, parseOperatorId, type Rng } from "@sotto/base";
import type { FederationRequest } from "@sotto/identity";
import { parsedText, parseYaml, type Schema, schema } from "@sotto/schema";

type Members = Omit<FederationRequest, "now" | "rng">;

const federationSchema: Schema<Members> = schema.strictObject({
  federation: parsedText(parseFederationId),
  coordinatorNames: schema.array(schema.string().min(1).max(253)).min(1).max(16),
  clients: schema.array(parsedText(parseClientId)).min(3),
  operators: schema.array(parsedText(parseOperatorId)).min(1),
  validDays: schema.number().int().min(1).max(3650).default(365),
});

/**
 * What `sotto federation create` makes, from its YAML text; `file` names it in errors.
 * @throws FlError `invalid-argument` naming every mistake
 */
export function parseFederationRequest(
  text: string,
  at: { readonly file: string; readonly now: Instant; readonly rng: Rng },
): FederationRequest {
  return { ...parseYaml(federationSchema, text, at.file), now: at.now, rng: at.rng };
}
