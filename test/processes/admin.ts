import { readFileSync } from "node:fs";
import type { TaskId } from "@sotto/base";
import { type AdminFace, encodeTaskSpec, type TaskRecord, type TaskSpec, type TaskSummary } from "@sotto/protocol";
import { chunksOf, dialAdmin } from "@sotto/transport";
import { encodeModel, type ModelVector } from "@sotto/vector";
import { silentLogger } from "../aggregate/known-updates.ts";

/** What a task came to. */
export interface Watched {
  readonly summary: TaskSummary;
  readonly records: readonly TaskRecord[];
}

/** Dials the coordinator with an operator's configuration file, does `work`, and hangs up. */
export async function withAdmin<T>(operatorConfig: string, work: (admin: AdminFace) => Promise<T>): Promise<T> {
  const { coordinator, tls } = JSON.parse(readFileSync(operatorConfig, "utf8")) as { coordinator: string; tls: Record<string, string> };
  const file = (name: string): string => readFileSync(tls[name]!, "utf8");
  const identity = { rootCertificate: file("rootCertificate"), certificate: file("certificate"), privateKey: file("privateKey") };
  const admin = dialAdmin({ address: coordinator, tls: identity, logger: silentLogger });
  try {
    return await work(admin);
  } finally {
    admin.close();
  }
}

/** Submits a specification with its first model. */
export function submit(admin: AdminFace, spec: TaskSpec, model: ModelVector): Promise<TaskId> {
  return admin.submitTask(encodeTaskSpec(spec), chunksOf(encodeModel(model)));
}

/** Follows a task until it is over, telling each record as it comes. */
export async function watch(admin: AdminFace, task: TaskId, onRecord: (record: TaskRecord) => void = () => undefined): Promise<Watched> {
  const records: TaskRecord[] = [];
  while (true) {
    const page = await admin.watchTask(task, records.at(-1)?.record ?? 0, new AbortController().signal);
    for (const record of page.records) onRecord(record);
    records.push(...page.records);
    const last = records.at(-1)?.event;
    if (last?.kind === "status" && last.status.kind !== "submitted" && last.status.kind !== "running")
      return { summary: page.summary, records };
  }
}
