import { defineConfig } from "vitest/config";

const house = ["packages/*", "coordinator", "client", "simulations", "test"];

export default defineConfig({
  resolve: { conditions: ["source"] },
  ssr: { resolve: { conditions: ["source"], externalConditions: ["source"] } },
  test: {
    include: house.map((room) => `${room}/**/*.test.ts`),
    exclude: ["**/dist/**", "**/node_modules/**"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
  },
});
