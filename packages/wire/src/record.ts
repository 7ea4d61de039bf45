import type { MessageInitShape } from "@bufbuild/protobuf";
import { assertNever, digestBytes, digestFromBytes } from "@sotto/base";
import type { Metrics, RoundReport, TaskEvent, TaskRecord } from "@sotto/protocol";
import { boundedList, boundedText, count, cutText, finite, missing, named, present, wideCount } from "./fields.ts";
import {
  type DroppedClient,
  type DroppedClientSchema,
  type Metrics as MetricsMessage,
  type MetricsSchema,
  RoundPurpose,
  type RoundReport as RoundReportMessage,
  type RoundReportSchema,
  type TaskRecord as TaskRecordMessage,
  type TaskRecordSchema,
} from "./gen/sotto/v1/task_pb.ts";
import { limits } from "./limits.ts";
import { readStatus, writeStatus } from "./task-status.ts";

/** One record of a task as a message. */
export function writeRecord({ record, atMs, event }: TaskRecord): MessageInitShape<typeof TaskRecordSchema> {
  return { record: BigInt(record), atMs: BigInt(Math.round(atMs)), event: writeEvent(event) };
}

/** @throws FlError `invalid-argument`, `resource-exhausted` */
export function readRecord(message: TaskRecordMessage): TaskRecord {
  return {
    record: wideCount(message.record, { max: Number.MAX_SAFE_INTEGER, what: "records" }),
    atMs: wideCount(message.atMs, { max: Number.MAX_SAFE_INTEGER, what: "milliseconds" }),
    event: readEvent(message.event),
  };
}

function writeEvent(event: TaskEvent): NonNullable<MessageInitShape<typeof TaskRecordSchema>["event"]> {
  switch (event.kind) {
    case "phase": {
      const { round, phase, cohortSize, arrived } = event;
      return { case: "phase", value: { round, phase, cohortSize, arrived } };
    }
    case "committed":
      return { case: "committed", value: { round: event.round, report: writeReport(event.record) } };
    case "abandoned": {
      const reason = cutText(event.reason, limits.reasonSizeBytesMax);
      return { case: "abandoned", value: { round: event.round, reason, missing: [...event.missing] } };
    }
    case "status":
      return { case: "status", value: writeStatus(event.status) };
    default:
      return assertNever(event);
  }
}

function readEvent(event: TaskRecordMessage["event"]): TaskEvent {
  switch (event.case) {
    case "phase": {
      const { round, phase, cohortSize, arrived } = event.value;
      return {
        kind: "phase",
        round: count(round, "rounds"),
        phase: readPhase(phase),
        cohortSize: count(cohortSize, "clients"),
        arrived: count(arrived, "clients"),
      };
    }
    case "committed": {
      const record = readReport(present(event.value.report, "round report"));
      return { kind: "committed", round: count(event.value.round, "rounds"), record };
    }
    case "abandoned": {
      const { round, reason, missing } = event.value;
      return { kind: "abandoned", round: count(round, "rounds"), reason: readReason(reason), missing: readClients(missing) };
    }
    case "status":
      return { kind: "status", status: readStatus(event.value) };
    case undefined:
      return missing("event of a record");
    default:
      return assertNever(event);
  }
}

const purposes: { readonly [Purpose in RoundReport["purpose"]]: RoundPurpose } = {
  train: RoundPurpose.TRAIN,
  evaluate: RoundPurpose.EVALUATE,
};

function writeReport(report: RoundReport): MessageInitShape<typeof RoundReportSchema> {
  const { weight, durationMs, overheadMs, bytesUpPerClient } = report;
  const message: MessageInitShape<typeof RoundReportSchema> = {
    purpose: purposes[report.purpose],
    asked: [...report.asked],
    survivors: [...report.survivors],
    dropped: report.dropped.map(writeDropped),
    weight,
    modelDigest: digestBytes(report.modelDigest),
    durationMs,
    overheadMs,
    bytesUpPerClient,
  };
  return report.metrics === null ? message : { ...message, metrics: writeMetrics(report.metrics) };
}

function readReport(message: RoundReportMessage): RoundReport {
  return {
    purpose: named(purposes, message.purpose, "purpose of a round"),
    asked: readClients(message.asked),
    survivors: readClients(message.survivors),
    dropped: boundedList(message.dropped, { countMax: limits.cohortSizeMax, what: "dropped clients" }, readDropped),
    metrics: message.metrics === undefined ? null : readMetrics(message.metrics),
    weight: finite(message.weight, "weight"),
    modelDigest: digestFromBytes(message.modelDigest),
    durationMs: finite(message.durationMs, "duration"),
    overheadMs: finite(message.overheadMs, "overhead"),
    bytesUpPerClient: finite(message.bytesUpPerClient, "bytes up"),
  };
}

function writeDropped({ client, phase, reason }: RoundReport["dropped"][number]): MessageInitShape<typeof DroppedClientSchema> {
  return { client, phase, reason: cutText(reason, limits.dropReasonSizeBytesMax) };
}

function readDropped({ client, phase, reason }: DroppedClient): RoundReport["dropped"][number] {
  return {
    client: readClient(client),
    phase: readPhase(phase),
    reason: boundedText(reason, { sizeBytesMax: limits.dropReasonSizeBytesMax, what: "reason" }),
  };
}

function writeMetrics({ rows, loss, accuracy, auc }: Metrics): MessageInitShape<typeof MetricsSchema> {
  return { rows, loss, ...(accuracy === null ? {} : { accuracy }), ...(auc === null ? {} : { auc }) };
}

function readMetrics({ rows, loss, accuracy, auc }: MetricsMessage): Metrics {
  return {
    rows: finite(rows, "rows"),
    loss: finite(loss, "loss"),
    accuracy: accuracy === undefined ? null : finite(accuracy, "accuracy"),
    auc: auc === undefined ? null : finite(auc, "AUC"),
  };
}

function readClients(names: readonly string[]): string[] {
  return boundedList(names, { countMax: limits.cohortSizeMax, what: "clients" }, readClient);
}

function readClient(name: string): string {
  return boundedText(name, { sizeBytesMax: limits.idSizeBytesMax, what: "client" });
}

function readPhase(phase: string): string {
  return boundedText(phase, { sizeBytesMax: limits.phaseSizeBytesMax, what: "phase" });
}

function readReason(reason: string): string {
  return boundedText(reason, { sizeBytesMax: limits.reasonSizeBytesMax, what: "reason" });
}
