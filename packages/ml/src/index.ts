export type { BackendName } from "./backend/active.ts";
export { type Backend, openBackend } from "./backend/backend.ts";
export { readTfjsLayersModel, tfjsLayersModel } from "./files/layers-model.ts";
export type { ModelFile } from "./files/model-file.ts";
export { readSafetensors, safetensors } from "./files/safetensors.ts";
export { createModel } from "./model/create.ts";
export { measureBackend } from "./speed-probe.ts";
export { checkTopology, type Topology } from "./topology/check.ts";
export type { Table } from "./training/table.ts";
export {
  createTrainer,
  type EvaluationOrder,
  type Trained,
  type Trainer,
  type TrainingOrder,
  type TrainingProgress,
} from "./training/trainer.ts";
