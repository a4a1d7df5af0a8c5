import { queryProblem } from '../../model/metric-queries.ts'
import type { AnalysisSettings } from '../service-settings.ts'
import { eachService, type Finding, type ResolvedEnvironment, type Rule, type Subject } from './rule.ts'

/** What a rollout waits for is measured: on Kubernetes nobody counts requests but Prometheus. */
export const measuring: Rule = subject => [...queries(subject), ...servers(subject)]

const QUERIES = 'rollout.analysis.queries'

/** Queries that give what a verdict rests on. */
const queries: Rule = subject =>
  eachService(subject, ({ settings, origins }, { at }) => {
    const { analysis } = settings.rollout
    if (analysis.queries === undefined || origins.get(QUERIES)?.at === undefined) return []
    return [
      ...Object.entries(analysis.queries).flatMap(([name, query]) => {
        const problem = query === undefined ? undefined : queryProblem(query)
        return problem === undefined ? [] : [{ path: at(`${QUERIES}.${name}`), ...problem }]
      }),
      ...incomplete(analysis).map(each => ({ path: at(QUERIES), ...each })),
    ]
  })

function incomplete({ queries = {}, ...limits }: AnalysisSettings): Omit<Finding, 'path'>[] {
  const needed = {
    requests: true,
    errors: true,
    p95: limits.maxP95Milliseconds !== undefined,
    p99: limits.maxP99Milliseconds !== undefined,
  }
  const missing = (['requests', 'errors', 'p95', 'p99'] as const).filter(
    name => needed[name] && queries[name] === undefined,
  )
  return missing.map(name => ({
    what: `has no query for ${name}, which the analysis rests on`,
    remedy: `add \`${name}\`${name.startsWith('p') ? `, or remove ${limitOf(name)}` : ''}`,
  }))
}

const limitOf = (name: string): string => `maxP${name.slice(1)}Milliseconds`

/** One finding for each environment: the remedy is the same for all of its services. */
function servers(subject: Subject): Finding[] {
  return Object.entries(subject.environments).flatMap(([name, environment]) => {
    const { target, monitoring } = environment.settings
    if (target !== 'kubernetes' || monitoring.prometheus !== undefined) return []
    if (subject.wasRefused(['environments', name]) || subject.wasRefused(['monitoring', 'prometheus']))
      return []
    const waiting = waitingServices(environment)
    if (waiting.length === 0) return []
    return [
      {
        path: environment.origins.get('target')?.at ?? ['environments', name],
        what: `nothing measures ${shown(waiting)} in ${name}, whose rollouts wait for requests (rollout.analysis.minimumRequests)`,
        remedy: 'add `monitoring.prometheus`, or let silence pass with `minimumRequests: 0`',
      },
    ]
  })
}

const waitingServices = ({ services }: ResolvedEnvironment): readonly string[] =>
  Object.entries(services)
    .filter(([, { settings }]) => settings.rollout.analysis.minimumRequests > 0)
    .map(([name]) => name)

const SHOWN = 5

function shown(names: readonly string[]): string {
  const rest = names.length - SHOWN
  return rest > 0 ? `${names.slice(0, SHOWN).join(', ')} and ${rest} more` : names.join(', ')
}
