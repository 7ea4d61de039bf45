export { type CoordinatorConfig, parseCoordinatorConfig } from "./config.ts";
export { type Coordinator, type CoordinatorOptions, createCoordinator } from "./coordinator.ts";
export { directoryEvidence } from "./effects/directory-evidence.ts";
export type { EvidenceStore } from "./effects/evidence-store.ts";
export { type MemoryEvidence, memoryEvidence } from "./effects/memory-evidence.ts";
export { type CoordinatorPorts, type RunningCoordinator, startCoordinator } from "./main.ts";
