import { test } from "vitest";
import { adminCases } from "./contract/admin-cases.ts";
import { callCases } from "./contract/call-cases.ts";
import { type Connect, facesWith, type Run } from "./contract/connection.ts";
import { downloadCases } from "./contract/download-cases.ts";
import { uploadCases } from "./contract/upload-cases.ts";

/** What every transport does, whatever carries it. */
export function transportContract(connect: Connect): void {
  const run: Run = async (faces, use) => {
    const connection = await connect(facesWith(faces));
    try {
      await use(connection);
    } finally {
      await connection.close();
    }
  };
  for (const { name, check } of [...callCases, ...uploadCases, ...downloadCases, ...adminCases]) test(name, () => check(run));
}
