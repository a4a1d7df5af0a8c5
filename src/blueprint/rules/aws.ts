import type { Finding, ResolvedEnvironment, Rule } from './rule.ts'
import { pathOf } from './rule.ts'

/** What AWS refuses only when it is asked to make it. */
export const aws: Rule = ({ blueprint, environments }) => {
  const onAws = Object.entries(environments).filter(([, { settings }]) => settings.target !== 'local')
  return onAws.flatMap(([name, environment]) => [
    ...sameRegion(name, environment),
    ...testPort(name, environment),
    ...certificate(name, environment),
    ...outsideRegions(name, environment, blueprint.guardrails?.['allowed-regions']?.regions),
  ])
}

function sameRegion(name: string, { settings, origins }: ResolvedEnvironment): Finding[] {
  const { region, database, backup } = settings
  const copies = [
    ['database.replicaRegion', database === false ? undefined : database.replicaRegion],
    ['backup.copyTo', backup === false ? undefined : backup.copyTo],
  ] as const
  return copies.flatMap(([field, copy]) =>
    copy === undefined || copy !== region
      ? []
      : [
          {
            path: pathOf(origins, field, ['environments', name]),
            what: `${copy} is the region of ${name} itself`,
            remedy: 'name another, which is there when this one is not',
          },
        ],
  )
}

function testPort(name: string, { settings, origins }: ResolvedEnvironment): Finding[] {
  const { testPort: port } = settings.loadBalancer
  if (port !== 80 && port !== 443) return []
  return [
    {
      path: pathOf(origins, 'loadBalancer.testPort', ['environments', name]),
      what: `${port} is where users are`,
      remedy: 'choose another port, such as 8443',
    },
  ]
}

/** Only development is served without HTTPS. */
function certificate(name: string, { settings, services }: ResolvedEnvironment): Finding[] {
  const { tier, target, dns, loadBalancer } = settings
  const hasUsers = Object.values(services).some(({ settings: { ingress } }) => ingress.length > 0)
  const isBalanced = target === 'ecs' || target === 'ec2'
  if (!hasUsers || !isBalanced || tier === 'development' || dns !== undefined || loadBalancer.listener)
    return []
  return [
    {
      severity: 'warning',
      path: ['environments', name],
      what: 'has users and no name, so there is no certificate for HTTPS: its Terraform refuses to be planned',
      remedy: 'add `dns: { host, zone }`',
    },
  ]
}

/** A guardrail that forbids what the blueprint itself asks for. */
function outsideRegions(
  name: string,
  { settings, origins }: ResolvedEnvironment,
  allowed: readonly string[] | undefined,
): Finding[] {
  const { region, database, backup } = settings
  const used = [
    ['region', region],
    ['database.replicaRegion', database === false ? undefined : database.replicaRegion],
    ['backup.copyTo', backup === false ? undefined : backup.copyTo],
  ] as const
  return used.flatMap(([field, each]) =>
    each === undefined || allowed === undefined || allowed.includes(each)
      ? []
      : [
          {
            path: pathOf(origins, field, ['environments', name]),
            what: `${each} is not among the regions of the guardrail allowed-regions`,
            remedy: 'add it there, or choose one of them',
          },
        ],
  )
}
