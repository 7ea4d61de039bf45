import { createServer } from "node:net";
import type { PortFacts } from "./facts.ts";

/** Where a coordinator would listen. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Whether something could listen there, found out by listening for a moment. */
export function portFacts({ host, port }: Place): Promise<PortFacts> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve({ host, port, isFree: false, reason: error.code ?? error.message }));
    server.listen({ host, port }, () => server.close(() => resolve({ host, port, isFree: true, reason: null })));
  });
}
