export { type Fault, faceWithFault, type Stage, stages } from "./fault.ts";
export { type SimulatedFederation, seedOf, simulateFederation } from "./federation.ts";
export { runWorld, type SimulatedClient, type WorldOptions, type WorldOutcome } from "./world.ts";
