import { marksStoreContract } from "../testing/marks-contract.ts";
import { memoryMarks } from "./memory-marks.ts";

marksStoreContract("memory", async () => {
  let last = memoryMarks();
  return {
    open: async () => {
      last = memoryMarks(await last.load());
      return last;
    },
  };
});
