import type { ResolvedEnvironment, ResolvedService } from '../../blueprint/resolve-blueprint.ts'
import { COLORS, type Color } from '../../model/color.ts'
import type { IngressRule } from '../../model/service-spec.ts'
import { environmentName, slotName, targetGroupName } from '../names.ts'
import type { HclMap, HclValue } from './hcl-text.ts'
import { type PlacedRule, rulePriorities, testPriorities } from './rule-priorities.ts'
import { within } from './within.ts'

/** Target groups and rules of every service that is reached from outside, by service. */
export function balancingVariables(
  project: string,
  { name: environment, services }: ResolvedEnvironment,
): ReadonlyMap<string, HclMap> {
  const reached = services.filter(({ spec }) => spec.ingress.length > 0)
  const prefix = environmentName(project, environment)
  const placed = new Map(reached.map(service => [service.name, placedRules(prefix, service)]))
  const priorities = rulePriorities([...placed.values()].flat())
  const owner = (service: string, color: Color) => `${prefix}-${slotName(service, color)}`
  const tests = testPriorities(reached.flatMap(({ name }) => COLORS.map(color => owner(name, color))))
  const balancing = (service: ResolvedService): HclMap => ({
    target_group_names: byColor(color =>
      targetGroupName({ project, environment, service: service.name }, color),
    ),
    sticky_color_seconds: service.spec.rollout.sticky ? STICKY_SECONDS : 0,
    health_check: healthCheck(service),
    rules: Object.fromEntries(
      (placed.get(service.name) ?? []).map(rule => [
        `${rule.host ?? ''}${rule.path}`,
        { priority: priorities.get(rule) ?? null, ...conditions(rule) },
      ]),
    ),
    test_priorities: byColor(color => tests.get(owner(service.name, color)) ?? null),
  })
  return new Map(reached.map(service => [service.name, balancing(service)]))
}

function byColor(value: (color: Color) => HclValue): HclMap {
  return Object.fromEntries(COLORS.map(color => [color, value(color)]))
}

/** An hour: longer than a rollout's steps usually take, so that nobody changes color in the middle of a visit. */
const STICKY_SECONDS = 3600

function placedRules(prefix: string, { name, spec }: ResolvedService): readonly PlacedRule[] {
  const rules = spec.ingress.map(rule => ({ owner: `${prefix}-${name}`, ...rule }))
  return rules.toSorted((a, b) => (`${a.host ?? ''}${a.path}` < `${b.host ?? ''}${b.path}` ? -1 : 1))
}

/** A path means itself and everything below it, not what merely begins with the same letters. */
function conditions({ host, path }: IngressRule): HclMap {
  const folder = path.replace(/\/+$/, '')
  const everything = folder === ''
  return {
    hosts: host === undefined ? [] : [host],
    paths: everything ? (host === undefined ? ['/*'] : []) : [folder, `${folder}/*`],
  }
}

/** Elastic Load Balancing asks every 5 seconds at most, and wants two answers before it changes its mind. */
function healthCheck({ spec }: ResolvedService): HclMap {
  const { path, periodSeconds, timeoutSeconds, failureThreshold } = spec.health.readiness
  const interval = within(periodSeconds, { min: 5, max: 300 })
  return {
    path,
    interval_seconds: interval,
    timeout_seconds: within(timeoutSeconds, { min: 2, max: Math.min(120, interval - 1) }),
    unhealthy_threshold: within(failureThreshold, { min: 2, max: 10 }),
  }
}
