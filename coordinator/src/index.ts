export { type CoordinatorConfig, parseCoordinatorConfig } from "./config.ts";
export { type Coordinator, type CoordinatorOptions, createCoordinator } from "./coordinator.ts";
export { type CoordinatorPorts, type RunningCoordinator, startCoordinator } from "./main.ts";
