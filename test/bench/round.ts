import { parameterCount, type RoundReport } from "@sotto/protocol";
import { submit, watch, withAdmin } from "../processes/admin.ts";
import { startFederation } from "../processes/federation.ts";
import { hospitalTables, hospitalTask } from "../processes/task.ts";
import { atMost, type Figure, median, told } from "./figure.ts";

const clients = 4;
const rounds = 12;
/** 13 parameters a hidden unit and one more: 99,997. */
const hiddenUnits = 7692;

/** Real processes on this machine over TLS: what a round takes beyond the slowest client's training. */
export async function benchmarkRound(): Promise<readonly Figure[]> {
  const { spec, model } = await hospitalTask({ clients, rounds, hiddenUnits });
  const federation = await startFederation({ tables: hospitalTables(clients), logLevel: "warn" });
  try {
    const { records } = await withAdmin(federation.operatorConfig, async (admin) => watch(admin, await submit(admin, spec, model)));
    const reports = records.flatMap(({ event }) => (event.kind === "committed" && event.record.purpose === "train" ? [event.record] : []));
    return figuresOf(reports, parameterCount(spec.model.layout));
  } finally {
    await federation.close();
  }
}

function figuresOf(reports: readonly RoundReport[], parameters: number): readonly Figure[] {
  const overheads = reports.map((report) => report.overheadMs / 1000);
  return [
    told("round/parameters", { value: parameters, unit: "" }),
    told("round/rounds", { value: reports.length, unit: "" }),
    atMost("round/overhead-median", { value: median(overheads), unit: "s", max: 0.5 }),
    told("round/overhead-max", { value: Math.max(...overheads), unit: "s" }),
    told("round/duration-median", { value: median(reports.map((report) => report.durationMs / 1000)), unit: "s" }),
    told("round/bytes-up-per-client", { value: median(reports.map((report) => report.bytesUpPerClient)), unit: "bytes" }),
    told("round/bytes-up-over-float32", {
      value: median(reports.map((report) => report.bytesUpPerClient)) / (4 * parameters),
      unit: "ratio",
    }),
  ];
}
