import { existsSync } from 'node:fs'
import { argoRolloutsFolder } from '../test/harness/cluster/cluster-programs.ts'
import { CONTENDERS, type Comparison, compare } from './kubernetes/compare.ts'
import { missingForSimulatedCluster } from './kubernetes/simulated-cluster.ts'
import { comparisonTable } from './kubernetes/table.ts'

const SERVICES = 100
const ROUNDS = 3

/**
 * Blue/green of many services at once on simulated nodes: Sluice beside the controller of Argo Rollouts, on one API server.
 * `--services N`, `--rounds N` and `--only NAME,NAME` measure less.
 */
export async function run(options: { readonly json: boolean }): Promise<Comparison> {
  const missing = existsSync(argoRolloutsFolder()) ? missingForSimulatedCluster() : NO_ARGO
  if (missing !== undefined) throw new Error(missing)
  const only = wordAfter('--only')?.split(',')
  const result = await compare({
    services: Number(wordAfter('--services') ?? SERVICES),
    rounds: Number(wordAfter('--rounds') ?? ROUNDS),
    contenders: CONTENDERS.filter(name => only === undefined || only.includes(name)),
    say: line => console.error(line),
  })
  if (!options.json) console.log(comparisonTable(result))
  return result
}

const NO_ARGO = 'Argo Rollouts is not built; build it with: sh scripts/build-cluster-tools.sh argo-rollouts'

function wordAfter(flag: string): string | undefined {
  const place = process.argv.indexOf(flag)
  return place === -1 ? undefined : process.argv[place + 1]
}
