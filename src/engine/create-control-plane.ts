import { declareFreeze, liftFreeze } from './commands/freezes.ts'
import { differences, repair } from './commands/live.ts'
import { abortPromotion, gate, promote } from './commands/promotions.ts'
import { createRelease, findRelease } from './commands/releases.ts'
import { decideApproval, reportCheck, withdrawApproval } from './commands/reviews.ts'
import { rollback } from './commands/rollback.ts'
import { commandRollout } from './commands/rollouts.ts'
import { status } from './commands/status.ts'
import type { ControlPlane } from './control-plane.ts'
import type { EngineParts } from './parts.ts'

/** What people may ask of the engine's parts; it records wishes, and the engine's loop fulfils them. */
export function createControlPlane(
  parts: EngineParts,
  addressOf: (environment: string) => string | undefined,
): ControlPlane {
  return {
    createRelease: (content, by) => createRelease(parts, content, by),
    findRelease: reference => findRelease(parts, reference),
    reportCheck: (check, by) => reportCheck(parts, check, by),
    decideApproval: (word, by) => decideApproval(parts, word, by),
    withdrawApproval: (id, by) => withdrawApproval(parts, id, by),
    gate: request => gate(parts, request),
    promote: request => promote(parts, request),
    abortPromotion: (id, by, reason) => abortPromotion(parts, id, by, reason),
    command: command => commandRollout(parts, command),
    rollback: request => rollback(parts, request),
    declareFreeze: (freeze, by) => declareFreeze(parts, freeze, by),
    liftFreeze: (id, by) => liftFreeze(parts, id, by),
    status: () => status(parts, addressOf),
    differences: place => differences(parts, place),
    repair: (place, by) => repair(parts, place, by),
  }
}
