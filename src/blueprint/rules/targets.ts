import type { Rule } from './rule.ts'

/** An environment has what its target needs. */
export const targets: Rule = ({ environments }) =>
  Object.entries(environments).flatMap(([name, { settings, origins }]) => {
    const { target, region, kubernetes } = settings
    const path = origins.get('target')?.at ?? ['environments', name]
    const needsRegion = (target === 'ecs' || target === 'ec2') && region === undefined
    return [
      ...(needsRegion
        ? [
            {
              path,
              what: `${target} needs to know the region of ${name}`,
              remedy: 'add `region`, or `account` with one',
            },
          ]
        : []),
      ...(target === 'kubernetes' && kubernetes.switch === 'gateway' && kubernetes.gateway === undefined
        ? [
            {
              path: origins.get('kubernetes.switch')?.at ?? path,
              what: 'needs a gateway to attach routes to',
              remedy: 'add `gateway: namespace/name`',
            },
          ]
        : []),
    ]
  })
