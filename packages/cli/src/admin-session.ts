import type { AdminFace } from "@sotto/protocol";
import { createLogger } from "@sotto/telemetry";
import { dialAdmin } from "@sotto/transport";
import type { OperatorConfig } from "./operator-config.ts";
import type { ProgressScreen } from "./terminal/progress.ts";

/** Dials a coordinator as an operator, does `work` with it, and hangs up whatever comes of it. */
export async function withAdmin<T>(
  { coordinator, tls }: OperatorConfig,
  screen: ProgressScreen,
  work: (admin: AdminFace) => Promise<T>,
): Promise<T> {
  const admin = dialAdmin({ address: coordinator, tls, logger: createLogger({ level: "warn", destination: screen, pretty: true }) });
  try {
    return await work(admin);
  } finally {
    admin.close();
  }
}
