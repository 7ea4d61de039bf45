import { describe } from "vitest";
import { transportContract } from "./contract.ts";
import { connectAdmin, connectCoordinator } from "./memory.ts";

describe("the memory transport", () => {
  transportContract(async ({ coordinator, admin }) => ({
    coordinator: connectCoordinator(coordinator),
    admin: connectAdmin(admin),
    close: async () => undefined,
  }));
});
