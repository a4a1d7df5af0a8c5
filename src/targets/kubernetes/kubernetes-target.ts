import { slotName } from '../../render/names.ts'
import { createSerial } from '../serial.ts'
import type { ServiceRef, Target } from '../target.ts'
import { findPreview } from './find-preview.ts'
import { preflightProblems } from './kubernetes-preflight.ts'
import { createLive } from './live/live.ts'
import { observeService } from './observe-service.ts'
import { createPreviewForwarder } from './preview-forwarder.ts'
import { provisionSlot } from './provision-slot.ts'
import { retireSlot } from './retire-slot.ts'
import { serviceLogs } from './service-logs.ts'
import { shiftUsers } from './shift-users.ts'
import { createTargetMemory } from './target-memory.ts'
import type { TargetParts } from './target-parts.ts'
import { tellingRefusals } from './tell-refusals.ts'
import { watchServices } from './watch-services.ts'

export interface KubernetesTargetOptions extends TargetParts {
  /** What stands against the environment's services whatever they are, in words with the remedy; told by every preflight. */
  readonly problems?: readonly string[]
}

export interface KubernetesTarget extends Target {
  /** Ends the way to previews. The cluster and the switch are ended by who made them. */
  close(): Promise<void>
}

/** Runs the releases of one environment in one namespace of a cluster. */
export function createKubernetesTarget({
  problems = [],
  ...parts
}: KubernetesTargetOptions): KubernetesTarget {
  const { cluster } = parts
  const memory = createTargetMemory(cluster, parts.now)
  const telling = tellingRefusals(parts.log)
  const forwarder = createPreviewForwarder(cluster)
  const live = createLive(parts)
  const turns = new Map<string, ReturnType<typeof createSerial>>()
  /** Acts of this process on one service do not get in each other's way. */
  const inTurn = ({ service }: ServiceRef) => {
    const serial = turns.get(service) ?? createSerial()
    turns.set(service, serial)
    return serial
  }
  return {
    preflight: async (slot, workload, signal) => [
      ...problems,
      ...(await preflightProblems(parts, memory, { slot, workload, signal })),
    ],
    provision: (slot, workload, count, turn) =>
      inTurn(slot)(async () => {
        const act = () => provisionSlot(parts, memory, { slot, workload, count, turn })
        await telling(slot, `provision ${slot.color}`, act)
      }),
    observe: (service, signal) => observeService(parts, memory, service, signal),
    shift: (service, weights, turn) =>
      inTurn(service)(async () => {
        await telling(service, 'shift users', () => shiftUsers(parts, { service, weights, turn }))
      }),
    async preview(slot, signal) {
      signal.throwIfAborted()
      const name = slotName(slot.service, slot.color)
      return await forwarder.endpoint(name, asked => findPreview(parts, slot, asked))
    },
    retire: (slot, turn) =>
      inTurn(slot)(async () => {
        await telling(slot, `retire ${slot.color}`, () => retireSlot(parts, memory, { slot, turn }))
      }),
    watch: listener => watchServices(parts, listener),
    logs: (service, options, signal) => serviceLogs({ parts, service, options, signal }),
    live: {
      differences: live.differences,
      repair: (service, expected, signal) =>
        inTurn(service)(async () => await live.repair(service, expected, signal)),
    },
    close: async () => await forwarder.close(),
  }
}
