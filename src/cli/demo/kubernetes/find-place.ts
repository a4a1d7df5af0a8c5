import { ask, type PrometheusServer } from '../../../analysis/prometheus/instant-query.ts'
import { parseImageReference } from '../../../artifacts/image-reference.ts'
import { UserError } from '../../../model/user-error.ts'
import { RequestRefused } from '../../../targets/kubernetes/api/cluster.ts'
import { TargetUnavailable } from '../../../targets/target.ts'
import type { Context } from '../../context.ts'
import { WrongUse } from '../../wrong-use.ts'
import { type DemoCluster, openDemoCluster } from './demo-cluster.ts'
import { dockerProblem } from './images.ts'
import { findWayIn, type WayIn } from './way-in.ts'
import type { Wishes } from './wishes.ts'

/** All that the demo needs, found and seen to work. */
export interface Place {
  readonly context: string
  readonly cluster: DemoCluster
  readonly registry: string
  readonly way: WayIn
  /** Undefined where the cluster tells it only once something is routed there. */
  readonly origin: string | undefined
  readonly prometheus: PrometheusServer
}

const EXAMPLE =
  'sluice demo --target kubernetes --context kind-demo --registry localhost:5001/shop --prometheus http://localhost:9090'

/** Looks at everything before anything is done, and tells all that is missing at once. */
export async function findPlace(context: Context, wishes: Wishes): Promise<Place> {
  const server = prometheusServer(context, wishes.prometheus)
  const [inside, docker, measuring] = await Promise.all([
    lookInto(context, wishes),
    dockerProblem(context),
    prometheusProblem(server, context),
  ])
  const problems = [registryProblem(wishes.registry), docker, measuring, originProblem(wishes.address)]
  const all = [...inside.problems, ...problems.filter(problem => problem !== undefined)]
  const { cluster, way } = inside
  if (all.length > 0 || cluster === undefined || way === undefined || server === undefined) {
    await cluster?.close()
    throw new WrongUse('sluice demo --target kubernetes', told(all), `such as: ${EXAMPLE}`)
  }
  const origin = wishes.address === undefined ? way.origin : new URL(wishes.address).origin
  const { context: name = '', registry = '' } = wishes
  return { context: name, cluster, registry, way, origin, prometheus: server }
}

const told = (problems: readonly string[]): string =>
  problems.length === 1
    ? `${problems[0]}`
    : `${problems.length} things are missing:\n${problems.map(each => `  - ${each}`).join('\n')}`

interface Inside {
  readonly problems: readonly string[]
  readonly cluster?: DemoCluster
  readonly way?: WayIn
}

async function lookInto(context: Context, wishes: Wishes): Promise<Inside> {
  if (wishes.context === undefined)
    return {
      problems: ['--context: name the cluster; kubectl config get-contexts lists those that you have'],
    }
  try {
    const cluster = await openDemoCluster(context, { kind: 'kubeconfig', context: wishes.context })
    return { cluster, ...(await wayInto(cluster, wishes, context.signal)) }
  } catch (error) {
    if (error instanceof UserError) return { problems: [`--context: ${error.message}`] }
    throw error
  }
}

async function wayInto(
  cluster: DemoCluster,
  wishes: Wishes,
  signal: AbortSignal,
): Promise<Omit<Inside, 'cluster'>> {
  try {
    const found = await findWayIn(cluster, wishes, signal)
    if (found.kind === 'none') return { problems: [found.problem] }
    const { way } = found
    const isUnknown =
      way.settings.switch === 'gateway' && way.origin === undefined && wishes.address === undefined
    return isUnknown
      ? {
          way,
          problems: [
            `--address: ${way.name} does not say where users reach it; name that, such as http://localhost:8080`,
          ],
        }
      : { way, problems: [] }
  } catch (error) {
    if (error instanceof RequestRefused || error instanceof TargetUnavailable)
      return { problems: [error.message] }
    throw error
  }
}

function registryProblem(registry: string | undefined): string | undefined {
  if (registry === undefined)
    return '--registry: name a repository that you may push to and the cluster may pull from, such as registry.example.com/team/shop'
  const reference = parseImageReference(registry)
  if (reference.kind === 'invalid') return `--registry: ${reference.message}; ${reference.remedy}`
  return reference.tag === undefined && reference.digest === undefined
    ? undefined
    : '--registry: write it without tag and digest'
}

function originProblem(address: string | undefined): string | undefined {
  if (address === undefined || /^https?:$/.test(URL.parse(address)?.protocol ?? '')) return undefined
  return '--address: it is no URL; write it such as http://localhost:8080'
}

const PROMETHEUS_SECONDS = 5

function prometheusServer({ environment }: Context, url: string | undefined): PrometheusServer | undefined {
  if (url === undefined || !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return undefined
  const token = environment['SLUICE_PROMETHEUS_TOKEN'] ?? ''
  return { url, fetch, timeoutSeconds: PROMETHEUS_SECONDS, ...(token === '' ? {} : { token }) }
}

async function prometheusProblem(
  server: PrometheusServer | undefined,
  { now, signal }: Context,
): Promise<string | undefined> {
  if (server === undefined)
    return '--prometheus: name the URL of the Prometheus that scrapes the cluster, such as http://localhost:9090: without measurements nobody would see that a release is broken'
  const answer = await ask(server, { promql: 'vector(1)', at: now(), since: 0 }, signal)
  return answer.kind === 'number' ? undefined : `--prometheus: ${answer.reason}`
}
