import type { Blueprint } from '../blueprint/blueprint.ts'
import { loadBlueprint } from '../blueprint/load.ts'
import { policyOf } from '../blueprint/policy-of.ts'
import type { Clock, Store } from '../engine/ports.ts'
import { lookAgain } from '../engine/waiting.ts'
import type { Digest } from '../model/digest.ts'
import type { Policy } from '../model/policy.ts'
import { UserError } from '../model/user-error.ts'

/** A blueprint as it was read. */
export interface ReadPolicy {
  readonly policy: Policy
  readonly revision: Digest
  readonly blueprint: Blueprint
}

/** A `UserError` when the blueprint has problems, or asks for what this version does not do. */
export async function readPolicy(file: string): Promise<ReadPolicy> {
  const loaded = await loadBlueprint(file)
  if (!loaded.ok) {
    const [problem] = loaded.problems
    throw new UserError(
      `${file}:${problem?.line ?? 1}:${problem?.column ?? 1}`,
      `the blueprint has ${loaded.problems.length} problem(s), the first: ${problem?.what}`,
      'see all of them with `sluice check`',
    )
  }
  const policy = policyOf(loaded.blueprint)
  const absent = policy.environments.find(({ target }) => target === 'ecs' || target === 'ec2')
  if (absent !== undefined) {
    throw new UserError(
      `${file} environments.${absent.name}.target`,
      `this version runs releases on the local target and on Kubernetes, not on ${absent.target}`,
      'set it to local or kubernetes',
    )
  }
  return { policy, revision: loaded.revision, blueprint: loaded.blueprint }
}

export interface PolicyInForce {
  current(): Policy
  /** Where users reach an environment. */
  addressOf(environment: string): string | undefined
  /** Reads the blueprint again; a `UserError` when it has problems, and the policy in force stays. */
  reload(): Promise<void>
  /** Takes over what another server of the same store read; nothing when that is what is in force here. */
  follow(revision: string): Promise<void>
}

export interface PolicyParts {
  readonly store: Store
  /** Makes ready what the blueprint's environments need; tells where users reach each. */
  readonly adopt: (read: ReadPolicy) => Promise<Readonly<Record<string, string>>>
  readonly clock: Clock
  readonly file: string
}

/** The policy in force, how to read it again, and where users reach each environment. */
export async function keepPolicy(parts: PolicyParts, first: ReadPolicy): Promise<PolicyInForce> {
  let inForce = first
  let addresses: Readonly<Record<string, string>> = {}
  const adopt = async (read: ReadPolicy): Promise<void> => {
    addresses = await parts.adopt(read)
    inForce = read
  }
  const announce = async (read: ReadPolicy): Promise<void> => {
    await adopt(read)
    await recordChange(parts, read)
  }
  await announce(first)
  return {
    current: () => inForce.policy,
    addressOf: environment => addresses[environment],
    reload: async () => announce(await readPolicy(parts.file)),
    async follow(revision) {
      if (revision !== inForce.revision) await adopt(await readPolicy(parts.file))
    },
  }
}

async function recordChange({ store, clock }: PolicyParts, { policy, revision }: ReadPolicy): Promise<void> {
  const now = clock.now()
  const names = policy.environments.map(({ name }) => name).join(' → ')
  const message = `the policy of ${policy.project} is in force: ${names}`
  const entry = { at: now, actor: 'sluice', kind: 'policy.changed' as const, message, data: { revision } }
  // Promotions that wait may move meanwhile: they are read again then.
  while ((await store.record(await lookAgain(store, {}, now), [entry])) === 'conflict') continue
}
