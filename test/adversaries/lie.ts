import type { ClientId } from "@sotto/base";
import type { Instruction } from "@sotto/protocol";
import type { Order, Stage } from "./relayed.ts";
import type { Tell } from "./scripted-coordinator.ts";
import type { Session } from "./session.ts";

/** What is told instead of the honest instruction: another, or several in turn, or none. */
export type Instead<S extends Stage> = (honest: Order<S>, session: Session) => Instruction | readonly Instruction[];

/** Tells `victim` something else at this stage; everybody else, and at every other stage, is told the truth. */
export function toldTo<S extends Stage>(victim: ClientId, stage: S, instead: Instead<S>): Tell {
  return (honest, to, session) => (to === victim && isAt(honest, stage) ? [instead(honest, session)].flat() : [honest]);
}

/** Tells everybody something else at this stage. */
export function toldToAll<S extends Stage>(stage: S, instead: (honest: Order<S>, session: Session, to: ClientId) => Instruction): Tell {
  return (honest, to, session) => (isAt(honest, stage) ? [instead(honest, session, to)] : [honest]);
}

/** Several lies, of which the first that changes anything counts. */
export function eachOf(...lies: readonly Tell[]): Tell {
  return (honest, to, session) => {
    for (const tell of lies) {
      const told = tell(honest, to, session);
      if (told.length !== 1 || told[0] !== honest) return told;
    }
    return [honest];
  };
}

function isAt<S extends Stage>(order: Order, stage: S): order is Order<S> {
  return order.kind === stage;
}
