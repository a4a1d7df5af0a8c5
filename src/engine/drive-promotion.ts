import type { EngineParts } from './parts.ts'
import type { Lease } from './ports.ts'
import type { Look, PromotionStep } from './promotion-step.ts'
import { stepRunning } from './run-promotion.ts'
import { stepWaiting } from './wait-for-gate.ts'

/** Opens the gate, starts the rollouts, keeps them in order, and ends the promotion. */
export async function stepPromotion(parts: EngineParts, lease: Lease, look: Look): Promise<PromotionStep> {
  const { promotion } = look
  switch (promotion.state.phase) {
    case 'waiting':
      return stepWaiting(parts, lease, promotion)
    case 'running':
      return stepRunning(parts, lease, look)
    case 'done':
      return 'idle'
    default:
      return promotion.state satisfies never
  }
}
