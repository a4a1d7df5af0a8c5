import { DRAIN_SECONDS } from '../defaults.ts'
import { type KubernetesSwitch, switchProblems } from '../kubernetes-switch.ts'
import { isWritten, type LayeredService } from '../layer-service.ts'
import type { ServiceSettings } from '../service-settings.ts'
import { eachService, type Finding, type Rule, type ServiceInEnvironment } from './rule.ts'

/** What a ConfigMap may hold ("ConfigMaps", Kubernetes documentation). */
const MAX_CONFIG_BYTES = 1_048_576

/** Services on Kubernetes have names and paths that its objects may have, and move as its switch can move them. */
export const kubernetes: Rule = subject => {
  const names = new Set(subject.names.services)
  return eachService(subject, (layered, place) => {
    const { settings } = layered
    const { service, at } = place
    const environment = subject.environments[place.environment]
    if (environment?.settings.target !== 'kubernetes') return []
    return [
      ...moves(environment.settings.kubernetes, layered, place),
      ...nameProblems(service, names),
      ...settings.ingress
        .flatMap(({ path }) => pathProblem(path))
        .map(each => ({ path: at('ingress'), ...each })),
      ...(contentBytes(settings) > MAX_CONFIG_BYTES
        ? [
            {
              path: at('files'),
              what: 'holds more than 1 MiB of configuration, the most that a ConfigMap takes',
              remedy: 'put large files into the image',
            },
          ]
        : []),
    ]
  })
}

function moves(
  way: KubernetesSwitch,
  { settings, origins }: LayeredService,
  { at }: ServiceInEnvironment,
): Finding[] {
  const { ingress, grace, rollout } = settings
  const problems = switchProblems(way, {
    ingress,
    strategy: rollout.strategy,
    percents: rollout.steps.map(({ percent }) => percent),
    sticky: rollout.sticky,
    graceSeconds: grace,
    drainSeconds: rollout.drain === undefined ? undefined : (rollout.drain.timeout ?? DRAIN_SECONDS),
    shiftSeconds: rollout.deadlines.shift,
  })
  return [
    ...problems.map(({ field, ...problem }) => ({
      // Steps that nobody wrote are those of the strategy.
      path: at(field === 'rollout.steps' && !isWritten(origins, field) ? 'rollout.strategy' : field),
      ...problem,
    })),
    ...behindBalancer(way, settings).map(each => ({ path: at('ingress'), ...each })),
  ]
}

/** Elastic Load Balancing sends requests to targets that it knows as healthy, and learns it of new ones one after the other. */
function behindBalancer(
  way: KubernetesSwitch,
  { ingress, rollout }: ServiceSettings,
): Omit<Finding, 'path'>[] {
  if (way.switch !== 'service' || way.ingressClass !== 'alb') return []
  if (ingress.length === 0 || rollout.strategy === 'rolling') return []
  return [
    {
      severity: 'warning',
      what: 'is behind a load balancer of AWS, whose targets a switch by selector replaces all at once: requests can be lost',
      remedy: 'choose `kubernetes.switch: ingress`, which gives it weights',
    },
  ]
}

/** Each service has objects named `web-blue`, `web-green` and `web-preview` beside `web`. */
function nameProblems(service: string, names: ReadonlySet<string>): Finding[] {
  const path = ['services', service]
  const owner = ['-blue', '-green', '-preview'].flatMap(end => {
    const base = service.endsWith(end) ? service.slice(0, -end.length) : ''
    return names.has(base) ? [base] : []
  })[0]
  return [
    ...(/^\d/.test(service)
      ? [
          {
            path,
            what: 'begins with a digit, which a Service of Kubernetes may not',
            remedy: 'begin with a letter',
          },
        ]
      : []),
    ...(owner === undefined
      ? []
      : [{ path, what: `is what ${owner} calls a part of its own`, remedy: 'choose another name' }]),
  ]
}

function pathProblem(path: string): Omit<Finding, 'path'>[] {
  if (!/\/\/|\/\.{1,2}(?:\/|$)|%2f/i.test(path)) return []
  return [
    {
      what: `${path} is no path that an Ingress takes`,
      remedy: 'write it without //, /./, /../ and %2f',
    },
  ]
}

/** Of what stands in the blueprint itself; files that it names are limited when they are read. */
function contentBytes({ files, config }: ServiceSettings): number {
  const contents = Object.values(files).map(file => (file.kind === 'content' ? file.content : ''))
  return [...contents, ...Object.values(config)].reduce((sum, text) => sum + Buffer.byteLength(text), 0)
}
