import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workload } from '../../../model/release.ts'
import type { Slot as SlotRef } from '../../target.ts'
import { bundleCommand, COMMAND_REMEDY } from '../bundle-command.ts'
import { type SecretFile, type SlotSecrets, secretFile } from './agent-state.ts'
import type { Bundles, HeldBundle } from './bundles.ts'
import { Refusal } from './refusal.ts'
import type { Provision, Slot, Wanted } from './slot.ts'

/** Makes workloads ready for their instances, and keeps what the next agent needs for that. */
export class Provisions {
  readonly #folder: string
  readonly #bundles: Bundles

  constructor(folder: string, bundles: Bundles) {
    this.#folder = folder
    this.#bundles = bundles
  }

  /** Verifies and unpacks the bundle; refuses before anything of a slot is touched. */
  async prepare(workload: Workload, secrets: Readonly<Record<string, string>>): Promise<Provision> {
    const where = `${workload.environment} ${workload.service}`
    if (workload.artifact.kind !== 'bundle') throw new Refusal({ where, ...IMAGE_REFUSED })
    const acquired = await this.#bundles.acquire(workload.artifact.digest)
    if (acquired.kind === 'refused') throw new Refusal({ where, ...acquired })
    return await withCommand({ workload, secrets, bundle: acquired.bundle })
  }

  /** The same with the secrets of last time. */
  async prepareAgain(ref: SlotRef, workload: Workload): Promise<Provision> {
    return await this.prepare(workload, await this.#secretsOf(ref, workload))
  }

  /** The same at once, for what still runs. */
  async prepareAdopted(ref: SlotRef, workload: Workload): Promise<Provision> {
    const secrets = await this.#secretsOf(ref, workload)
    return await withCommand({ workload, secrets, bundle: this.#bundles.adopt(workload.artifact.digest) })
  }

  /** Keeps the secrets of a release beside those that the slot still uses. */
  async keepSecrets(ref: SlotRef, slot: Slot, provision: Provision): Promise<void> {
    const file = this.#secrets(ref)
    await file.write({ ...(await inUse(slot, file)), [provision.workload.release]: provision.secrets })
  }

  async forgetSecrets(ref: SlotRef): Promise<void> {
    await this.#secrets(ref).remove()
  }

  async #secretsOf(ref: SlotRef, { release }: Workload): Promise<Readonly<Record<string, string>>> {
    return (await this.#secrets(ref).read())[release] ?? {}
  }

  #secrets({ environment, service, color }: SlotRef): SecretFile {
    return secretFile(this.#folder, `${environment}.${service}.${color}`)
  }
}

async function withCommand(o: {
  readonly workload: Workload
  readonly secrets: Readonly<Record<string, string>>
  readonly bundle: HeldBundle
}): Promise<Provision> {
  const { environment, service, spec } = o.workload
  const packageJson = await readFile(join(o.bundle.folder, 'package.json'), 'utf8').catch(() => undefined)
  const start = bundleCommand(spec.command, packageJson)
  if (start.kind === 'command') return { ...o, command: start.command }
  await o.bundle.release()
  throw new Refusal({ where: `${environment} ${service}`, what: start.what, remedy: COMMAND_REMEDY })
}

const IMAGE_REFUSED = {
  what: 'the release names a container image, and the local target runs bundles',
  remedy:
    'set `build: FOLDER` for the service instead of `image`, or promote to an environment with another target',
}

async function inUse({ wanted, replaced }: Slot, file: SecretFile): Promise<SlotSecrets> {
  const used = new Set([...replaced, ...(wanted === undefined ? [] : [wanted])].map(releaseOf))
  const kept = used.size === 0 ? {} : await file.read()
  return Object.fromEntries(Object.entries(kept).filter(([release]) => used.has(release)))
}

function releaseOf({ provision }: Wanted): string {
  return provision.workload.release
}
