import { type ClientId, type Logger, type TaskId, toFlError } from "@sotto/base";
import { encodeEvidenceFile } from "@sotto/protocol";
import type { RoundEffect } from "../round/effect.ts";
import { type EvidenceStore, perClientMax } from "./evidence-store.ts";

type Conviction = Extract<RoundEffect, { kind: "keep-evidence" }>;

/** Performs the effect `keep-evidence`. A conviction that cannot be kept is logged, and costs no round. */
export class EvidenceKeeper {
  readonly #store: EvidenceStore;
  readonly #logger: Logger;
  readonly #counts = new Map<ClientId, number>();

  constructor(ports: { readonly evidence: EvidenceStore; readonly logger: Logger }) {
    this.#store = ports.evidence;
    this.#logger = ports.logger;
  }

  /** Keeps one file of what convicts a client, and says so in the log, where an operator looks. Never rejects. */
  async keep(task: TaskId, { context, evidence }: Conviction): Promise<void> {
    const { accused: client, kind } = evidence;
    const told = { task, round: context.round, client, kind };
    const count = (this.#counts.get(client) ?? 0) + 1;
    if (count > perClientMax) return;
    this.#counts.set(client, count);
    try {
      const bytes = encodeEvidenceFile({ version: 1, context, evidence });
      const file = await this.#store.keep(`${task}-${context.round}-${client}-${kind}.json`, bytes);
      if (file === null) this.#logger.warn("a client is convicted, and there is no room for the evidence", told);
      else this.#logger.warn("a client is convicted by evidence", { ...told, file });
    } catch (error) {
      this.#logger.error("evidence could not be kept", { ...told, message: toFlError(error).message });
    }
  }
}
