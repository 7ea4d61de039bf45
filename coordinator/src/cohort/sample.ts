import type { ClientId } from "@sotto/base";
import { sampledOf } from "@sotto/secagg";

/** The clients that a round may ask where its plan has them drawn: nobody else, and all of them (SECAGG 2.4). */
export interface Sample {
  readonly clients: ReadonlySet<ClientId>;
  /** Fewest of them that make a cohort: each client computes the sample, and refuses a cohort that leaves out more than the share delta of it. */
  readonly clientsMin: number;
}

type SampleDraw = Parameters<typeof sampledOf>[0];

/** Draws from the clients of the roster. Everybody who has the roster draws the same. */
export function drawSample(input: { readonly draw: SampleDraw; readonly roster: readonly ClientId[]; readonly delta: number }): Sample {
  const clients = new Set(sampledOf(input.draw, input.roster));
  // The decimal fraction that was written is meant: 0.29 * 100 is 29, though the float64 product is below it.
  const leftOutMax = Math.floor(input.delta * clients.size + 1e-9);
  return { clients, clientsMin: clients.size - leftOutMax };
}

/** Whether a round may ask the client; anybody where no sample is drawn. */
export function mayAsk(sample: Sample | null, client: ClientId): boolean {
  return sample === null || sample.clients.has(client);
}
