export type { Answer } from "./answer.ts";
export { contributionShapeOf, metricsOf, scalarCountOf, scalarsOf } from "./contribution.ts";
export { type ColumnRule, type DataSchema, featureCount, type TargetRule } from "./data-schema.ts";
export {
  checkEvidenceFile,
  type EvidenceFile,
  type EvidenceFileRefusal,
  type EvidenceRoster,
  encodeEvidenceFile,
  evidenceFileSizeBytesMax,
  parseEvidenceFile,
} from "./evidence-file.ts";
export type { AdminFace, BlobStream, CoordinatorFace, UploadDeclaration } from "./faces.ts";
export type { Instruction, TrainInstruction } from "./instruction.ts";
export type { LocalMetrics, Metrics } from "./metrics.ts";
export { encodePlan, type Plan, parsePlan, planDigest } from "./plan.ts";
export { type LayoutEntry, type LocalOptimizer, type LossName, parameterCount, type TrainingLength } from "./plan-parts.ts";
export { type Cursor, type InstructionKind, isSamePosition, type Position } from "./position.ts";
export type { ConversationRefusalCode, ProtocolRefusal, RefusalCode } from "./refusal.ts";
export type { Submission } from "./submission.ts";
export type { RoundReport, TaskEvent, TaskRecord, TaskStatus, TaskSummary, TaskWatch } from "./task.ts";
export { type CohortRules, encodeTaskSpec, type PhaseTime, parseTaskSpec, type TaskSpec } from "./task-spec.ts";
