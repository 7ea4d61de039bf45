import type { ServiceError, StatusObject } from "@grpc/grpc-js";
import { FlError, type Logger, toFlError } from "@sotto/base";
import { errorCodeOf, grpcStatusOf } from "@sotto/wire";
import { crossingError } from "../crossing.ts";

/** Logs what a call failed with, a bug as an error, and gives the status that tells the caller of it. */
export function reportFailure(logger: Logger, path: string, thrown: unknown): Pick<StatusObject, "code" | "details"> {
  const { code, message } = toFlError(thrown);
  const fields = { path, code, reason: message };
  if (code === "internal") logger.error("call failed", fields);
  else if (code === "unauthenticated" || code === "permission-denied") logger.warn("call refused", fields);
  else logger.debug("call ended with an error", fields);
  return toStatus(thrown);
}

/** What a call failed with, with the code that its status stands for. That of a closed channel has no status: it is `unavailable`. */
export function fromCallError(thrown: unknown): FlError {
  if (thrown instanceof FlError) return thrown;
  if (isServiceError(thrown)) return new FlError(errorCodeOf(thrown.code), thrown.details, { cause: thrown });
  return new FlError("unavailable", thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
}

function isServiceError(thrown: unknown): thrown is ServiceError {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "number" && "details" in thrown;
}

function toStatus(thrown: unknown): Pick<StatusObject, "code" | "details"> {
  const { code, message } = crossingError(thrown);
  return { code: grpcStatusOf(code), details: message };
}
