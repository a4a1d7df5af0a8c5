import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CACHE } from './render/cache.ts'
import { findCdk8s } from './render/cdk8s.ts'
import { compare, type SizeResult } from './render/compare.ts'
import { describe } from './render/describe.ts'
import { fleetOf } from './render/fleet.ts'
import { findHelm } from './render/helm.ts'
import { findKustomize } from './render/kustomize.ts'
import { buildSluice } from './render/sluice.ts'
import type { FoundTool, Tool } from './render/tool.ts'

/** Services, and how often each tool renders them. */
const SIZES = [
  { services: 10, rounds: 7 },
  { services: 100, rounds: 7 },
  { services: 300, rounds: 5 },
  { services: 1000, rounds: 3 },
  { services: 3000, rounds: 2 },
] as const

interface Result {
  readonly environments: number
  readonly sizes: readonly SizeResult[]
  /** Tools that are not here, and what installs them. */
  readonly leftOut: Readonly<Record<string, string>>
}

/**
 * Kubernetes objects of 10 to 3,000 services in three environments, written by Sluice and by other tools. `--all` waits
 * for kustomize at 300 services, which takes minutes.
 */
export async function run(options: { readonly json: boolean }): Promise<Result> {
  const kustomize = findKustomize({ mostServices: process.argv.includes('--all') ? 300 : 100 })
  const found: readonly FoundTool[] = [buildSluice(), findHelm(), await findCdk8s(), kustomize]
  const tools = found.filter((each): each is Tool => 'commands' in each)
  const missing = found.flatMap(each => ('install' in each ? [[each.name, each.install] as const] : []))
  await mkdir(CACHE, { recursive: true })
  // Not in the temporary folder: files are made many times slower where thousands were removed just now (ext4).
  const folder = await mkdtemp(join(CACHE, 'bench-render-'))
  try {
    const sizes: SizeResult[] = []
    for (const size of SIZES) sizes.push(await compare(tools, { ...size, folder }))
    const result = {
      environments: fleetOf(0).environments.length,
      sizes,
      leftOut: Object.fromEntries(missing),
    }
    if (!options.json) console.log(describe(result.sizes, result.leftOut))
    return result
  } finally {
    await rm(folder, { recursive: true })
  }
}
