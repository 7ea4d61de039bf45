import { MachineWorld, type TakenStep } from "./machine-world.ts";

/** A round that went well, with nothing wiped: every state in it can be stepped again. */
export interface RecordedRound {
  readonly world: MachineWorld;
  /** The steps of the first client, in order. */
  readonly steps: readonly TakenStep[];
}

/** Five clients in round 3 of a task, run to its end. */
export function recordedRound(): RecordedRound {
  const world = new MachineWorld({ clients: 5, wipes: false });
  world.peer.nextRound();
  world.peer.nextRound();
  world.finish();
  const [first] = world.federation.clients;
  return { world, steps: world.steps.filter(({ client }) => client === first) };
}
