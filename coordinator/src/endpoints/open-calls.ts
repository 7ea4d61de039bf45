import type { ClientId } from "@sotto/base";

/** Calls under way, a bounded number a client: one more ends its oldest. All end when the coordinator closes. */
export class OpenCalls {
  readonly #perClientMax: number;
  readonly #calls = new Map<ClientId, readonly AbortController[]>();

  constructor(calls: { readonly perClientMax: number; readonly closing: AbortSignal }) {
    this.#perClientMax = calls.perClientMax;
    calls.closing.addEventListener("abort", () => {
      for (const open of this.#calls.values()) for (const call of open) call.abort();
    });
  }

  /** A call of the client began; it is to end when its controller aborts. */
  begin(client: ClientId): AbortController {
    const call = new AbortController();
    const open = [...(this.#calls.get(client) ?? []), call];
    const excess = Math.max(0, open.length - this.#perClientMax);
    for (const oldest of open.slice(0, excess)) oldest.abort();
    this.#calls.set(client, open.slice(excess));
    return call;
  }

  /** The call ended, however it did. */
  end(client: ClientId, call: AbortController): void {
    const open = (this.#calls.get(client) ?? []).filter((one) => one !== call);
    if (open.length === 0) this.#calls.delete(client);
    else this.#calls.set(client, open);
  }
}
