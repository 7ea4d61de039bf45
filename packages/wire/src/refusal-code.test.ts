import { expect, test } from "vitest";
import { RefusalCodeSchema } from "./gen/sotto/v1/answer_pb.ts";
import { readRefusalCode, writeRefusalCode } from "./refusal-code.ts";

test("every refusal of the proto but the unspecified has a code, and each code its number", () => {
  const [unspecified, ...values] = RefusalCodeSchema.values;
  expect(() => readRefusalCode(unspecified!.number)).toThrow("refusal code 0 is unknown");
  for (const value of values) {
    const code = readRefusalCode(value.number);
    expect(writeRefusalCode(code)).toBe(value.number);
    expect(value.name).toBe(`REFUSAL_CODE_${code.toUpperCase().replaceAll("-", "_")}`);
  }
});
