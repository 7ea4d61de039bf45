import { assertNever, type ClientId, FlError, type Instant } from "@sotto/base";
import type { Roster } from "@sotto/identity";
import type { EvidenceFile } from "@sotto/protocol";
import type { Command } from "commander";
import { type CommandContext, type JsonOption, outputOf, withJson } from "../command-context.ts";
import { readBytes, readText } from "../read-file.ts";
import type { Output } from "../terminal/output.ts";

interface VerifyOptions extends JsonOption {
  readonly roster: string;
  readonly authorityKey: string;
}

/** `sotto evidence`: whom a file of evidence convicts. */
export function addEvidenceCommands(program: Command, context: CommandContext): void {
  const evidence = program.command("evidence").description("check evidence that a client lied in a round");
  const verify = evidence
    .command("verify <file>")
    .description("say whom a file of evidence convicts, and of what; needs no coordinator")
    .requiredOption("--roster <file>", "the signed roster that the round was under; it may have expired")
    .requiredOption("--authority-key <file>", "public key of the federation's authority")
    .action((file: string, options: VerifyOptions) => verifyEvidence(context, options, file));
  withJson(verify);
}

async function verifyEvidence(context: CommandContext, options: VerifyOptions, file: string): Promise<void> {
  const { checkEvidenceFile, parseEvidenceFile } = await import("@sotto/protocol");
  const roster = await readRoster(options);
  const evidenceFile = parseEvidenceFile(readBytes(file));
  const checked = checkEvidenceFile(evidenceFile, { roster });
  const output = outputOf(context, options);
  if (checked.kind === "refused") {
    const { code, message } = checked.refusal;
    output.result({ text: [`nobody is convicted: ${message}`], json: { convicted: null, refusal: { code, message } } });
    return context.endAs("unproven");
  }
  output.result(convictionOf(evidenceFile, { convicted: checked.value, roster, now: context.clock.now() }));
}

/** @throws FlError `invalid-argument` when it is not signed by this authority. An expired one is read: what is judged was signed before. */
async function readRoster({ roster, authorityKey }: VerifyOptions): Promise<Roster> {
  const { decodeKey, parseRoster } = await import("@sotto/identity");
  const parsed = parseRoster(readBytes(roster), decodeKey("authority-public-key", readText(authorityKey)));
  if (parsed.kind === "ok") return parsed.value;
  throw new FlError("invalid-argument", `${roster}: ${parsed.refusal.message}`);
}

function convictionOf(
  { context, evidence }: EvidenceFile,
  { convicted, roster, now }: { readonly convicted: ClientId; readonly roster: Roster; readonly now: Instant },
): Parameters<Output["result"]>[0] {
  const { federation, round, session, planDigest } = context;
  const lie = lieText(evidence);
  const isExpired = now >= roster.expiresAt;
  const text = [
    `client ${convicted} lied in round ${round} of federation ${federation}: it ${lie}`,
    `  session ${session}, plan ${planDigest}`,
    `  its own signatures say so: whoever has roster ${roster.version} can check it`,
    ...(isExpired ? [`  roster ${roster.version} has expired since, which takes nothing from what was signed under it`] : []),
  ];
  const where = { federation, round, session, planDigest, rosterVersion: roster.version, isRosterExpired: isExpired };
  return { text, json: { convicted: { client: convicted, kind: evidence.kind, lie, ...where } } };
}

function lieText(evidence: EvidenceFile["evidence"]): string {
  switch (evidence.kind) {
    case "equivocation":
      return `signed two different ${statementNames[evidence.label]}, of which a client signs one a session`;
    case "false-seed":
      return "revealed another self seed than the one it had committed to";
    case "false-share":
      return `revealed another share than the one that it had signed to hold of client ${evidence.dealer}`;
    case "inconsistent-shares":
      return `dealt shares that do not make the ${evidence.secret === "self" ? "self seed" : "mask key"} it had committed to`;
    default:
      return assertNever(evidence);
  }
}

type Label = Extract<EvidenceFile["evidence"], { kind: "equivocation" }>["label"];

const statementNames: { readonly [Name in Label]: string } = {
  adv: "pairs of session keys",
  shr: "sets of dealt shares",
  msk: "masked contributions",
  con: "sets of survivors",
  rev: "sets of revealed shares",
};
