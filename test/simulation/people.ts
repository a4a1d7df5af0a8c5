import { createControlPlane } from '../../src/engine/create-control-plane.ts'
import type { EngineParts } from '../../src/engine/parts.ts'
import type { Actor } from '../../src/model/actor.ts'
import type { Digest } from '../../src/model/digest.ts'
import type { ReleaseContent, ReleaseId } from '../../src/model/release.ts'
import { releaseIdOf } from '../../src/model/release-id.ts'
import type { ServiceSpec } from '../../src/model/service-spec.ts'
import { sha256 } from '../../src/model/sha256.ts'
import type { Kept } from './memory-store.ts'
import type { Ask, Person, Scenario } from './scenario.ts'

const ACTORS: Readonly<Record<Person, Actor>> = {
  ada: { kind: 'person', name: 'ada', roles: ['developer', 'operator'] },
  kim: { kind: 'person', name: 'kim', roles: ['developer', 'operator'] },
  lee: { kind: 'person', name: 'lee', roles: ['developer', 'qa'] },
  ci: { kind: 'automation', name: 'ci', roles: ['ci'] },
}

const PROBE = { path: '/', periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 3, initialDelaySeconds: 0 }

export const serviceName = (index: number): string => `s${index}`

/** The releases of a scenario, in order. */
export function contentsOf(scenario: Scenario): readonly ReleaseContent[] {
  let build = 0
  return scenario.releases.map((release, number) => {
    if (!release.isConfigurationOnly) build = number
    const names = scenario.services.map((_, index) => serviceName(index))
    const specs = Object.fromEntries(names.map((name, index) => [name, specOf(scenario, index, number)]))
    const digestOf = (name: string): Digest => sha256(`${name} of build ${build}`)
    return {
      project: 'simulated',
      artifacts: Object.fromEntries(
        names.map(name => [name, { kind: 'bundle' as const, digest: digestOf(name), bytes: 1 }]),
      ),
      environments: Object.fromEntries(scenario.environments.map(({ name }) => [name, specs])),
      secrets: {},
      blueprintRevision: sha256('blueprint'),
      source: { dirty: false },
      author: release.author,
    }
  })
}

function specOf({ services }: Scenario, index: number, release: number): ServiceSpec {
  const own = services[index]
  if (own === undefined) throw new RangeError(`no service ${index}`)
  return {
    port: 80,
    health: { liveness: PROBE, readiness: PROBE },
    cpu: 256,
    memory: 256,
    replicas: own.replicas + (release % 2),
    ...(own.isAutoscaled ? { scaling: { min: 1, max: 5, scaleInCooldownSeconds: 60, schedules: [] } } : {}),
    config: { RELEASE: String(release) },
    files: {},
    secrets: [],
    ingress: [{ path: '/' }],
    after: own.after === undefined ? [] : [serviceName(own.after)],
    graceSeconds: 1,
    rollout: { ...own.plan, verify: [{ kind: 'command', command: ['true'], timeoutSeconds: 5 }] },
  }
}

/** What people have at hand: releases that exist by now, and what they know of the rest. */
export interface Office {
  readonly scenario: Scenario
  readonly contents: readonly ReleaseContent[]
  readonly kept: Kept
  readonly tell: (line: string) => void
}

/** Asks the control plane of one process; the answer may never come. */
export async function ask(
  { scenario, contents, kept, tell }: Office,
  parts: EngineParts,
  wish: Ask,
): Promise<void> {
  const plane = createControlPlane(parts, () => undefined)
  const environmentAt = (index: number): string => pick(scenario.environments, index)?.name ?? ''
  const answer = await asked()
  if (answer !== undefined) tell(`${wish.kind}: ${answer.ok ? 'accepted' : answer.refusal.what}`)

  async function asked() {
    switch (wish.kind) {
      case 'promote':
      case 'break-glass': {
        const content = pick(contents, wish.release)
        if (content === undefined) return undefined
        const made = await plane.createRelease(content, ACTORS.ci)
        if (!made.ok) return made
        const by = ACTORS[wish.kind === 'promote' ? wish.by : 'kim']
        const breakGlass = wish.kind === 'promote' ? {} : { breakGlass: { reason: 'fire' } }
        return plane.promote({
          release: made.value.id,
          environment: environmentAt(wish.environment),
          by,
          ...breakGlass,
        })
      }
      case 'check': {
        const release = idAt(wish.release)
        return release && plane.reportCheck({ release, name: 'unit', state: wish.state }, ACTORS.ci)
      }
      case 'approve':
      case 'reject': {
        const release = idAt(wish.release)
        const verdict = wish.kind === 'approve' ? 'approved' : 'rejected'
        const word = { environment: environmentAt(wish.environment), kind: 'peer', verdict } as const
        return release && plane.decideApproval({ ...word, release }, ACTORS[wish.by])
      }
      case 'withdraw-approval': {
        const approval = pick([...kept.approvals.values()], wish.which)
        const by = Object.values(ACTORS).find(({ name }) => name === approval?.by)
        return approval && by && plane.withdrawApproval(approval.id, by)
      }
      case 'abort-promotion': {
        const open = [...kept.promotions.values()].filter(({ state }) => state.phase !== 'done')
        const promotion = pick(open, wish.which)
        return promotion && plane.abortPromotion(promotion.id, ACTORS.kim, 'changed my mind')
      }
      case 'command': {
        const open = [...kept.rollouts.values()].filter(({ state }) => state.phase !== 'done')
        const rollout = pick(open, wish.which)
        return (
          rollout &&
          plane.command({ rollout: rollout.id, kind: wish.word, by: ACTORS.kim, reason: 'because' })
        )
      }
      case 'rollback': {
        const service =
          wish.service === undefined ? {} : { service: serviceName(wish.service % scenario.services.length) }
        const request = {
          environment: environmentAt(wish.environment),
          by: ACTORS.kim,
          reason: 'it is bad',
          ...service,
        }
        return plane.rollback(request)
      }
      case 'freeze': {
        const where = wish.environment === undefined ? {} : { environment: environmentAt(wish.environment) }
        const until = parts.clock.now() + wish.forSeconds * 1000
        return plane.declareFreeze({ reason: 'holidays', until, ...where }, ACTORS.kim)
      }
      case 'lift-freeze': {
        const freeze = pick([...kept.freezes.values()], wish.which)
        return freeze && plane.liftFreeze(freeze.id, ACTORS.kim)
      }
      default:
        return wish satisfies never
    }
  }

  function idAt(index: number): ReleaseId | undefined {
    const content = pick(contents, index)
    const id = content && releaseIdOf(content)
    return id !== undefined && kept.releases.has(id) ? id : undefined
  }
}

function pick<T>(all: readonly T[], index: number): T | undefined {
  return all.length === 0 ? undefined : all[index % all.length]
}
