import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCES = fileURLToPath(new URL('programs/', import.meta.url))
const TOOLS = fileURLToPath(new URL('../../../scripts/cluster/', import.meta.url))

/** Where scripts/build-cluster-tools.sh keeps the tests' own programs: the version is what they are made of. */
export function clusterProgram(name: 'app' | 'load' | 'pause'): string {
  const sources = ['go.mod', ...globSync('*/*.go', { cwd: SOURCES }).toSorted()]
  const hash = createHash('sha256')
  for (const file of sources) hash.update(readFileSync(join(SOURCES, file)))
  return join(cache(), 'cluster-programs', hash.digest('hex').slice(0, 16), name)
}

export const traefikProgram = (): string => join(toolFolder('traefik'), 'traefik')

export const corednsProgram = (): string => join(toolFolder('coredns'), 'coredns')

export const kwokProgram = (): string => join(toolFolder('kwok'), 'kwok')

/** A folder with `rollouts-controller`, `kubectl-argo-rollouts` and `definitions`. */
export const argoRolloutsFolder = (): string => toolFolder('argo-rollouts')

function toolFolder(tool: 'traefik' | 'coredns' | 'kwok' | 'argo-rollouts'): string {
  const goMod = readFileSync(join(TOOLS, tool, 'go.mod'), 'utf8')
  const version = /^require \S+ (\S+)$/m.exec(goMod)?.[1] ?? ''
  return join(cache(), tool, version)
}

const cache = (): string => join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sluice')
