import { type Cidr, overlaps, parseCidr } from '../cidr.ts'
import { eachService, type Finding, pathOf, type Rule, type Subject } from './rule.ts'

/** Networks are apart and of a size that a VPC may have; ports and ingress belong to one each. */
export const network: Rule = subject => [...cidrs(subject), ...localPorts(subject), ...ingress(subject)]

interface Net {
  readonly environment: string
  readonly text: string
  readonly cidr: Cidr
  readonly path: readonly string[]
}

function cidrs(subject: Subject): Finding[] {
  const nets = Object.entries(subject.environments).flatMap(([environment, { settings, origins }]): Net[] => {
    const text = settings.network.cidr
    const cidr = parseCidr(text)
    const path = pathOf(origins, 'network.cidr', ['environments', environment]).map(String)
    const unknown = cidr === undefined || subject.wasRefused(['environments', environment, 'network'])
    return unknown ? [] : [{ environment, text, cidr, path }]
  })
  const sizes = nets
    .filter(({ cidr }) => cidr.prefix < 16 || cidr.prefix > 28)
    .map(({ path, text }) => ({
      path,
      what: `${text} is no size of a VPC`,
      remedy: 'write a network from /16 to /28',
    }))
  return [
    ...sizes,
    ...nets.flatMap((net, index) => nets.slice(0, index).flatMap(before => overlap(net, before))),
  ]
}

function overlap(net: Net, before: Net): Finding[] {
  if (!overlaps(net.cidr, before.cidr)) return []
  // A default yields to what is written.
  const [path, other] = net.path.at(-1) === 'cidr' ? [net.path, before] : [before.path, net]
  const what = `${net.text} overlaps ${before.text} of ${other.environment}`
  return [
    { path, what, remedy: 'give every environment a network of its own, so that they can be connected' },
  ]
}

function localPorts(subject: Subject): Finding[] {
  const owners = new Map<number, string>()
  return Object.entries(subject.environments).flatMap(([environment, { settings, origins }]) => {
    const { port } = settings.local
    const owner = owners.get(port)
    owners.set(port, owner ?? environment)
    if (owner === undefined || subject.wasRefused(['environments', environment, 'local'])) return []
    const path = pathOf(origins, 'local.port', ['environments', environment])
    return [{ path, what: `${port} is the local port of ${owner} already`, remedy: 'choose another port' }]
  })
}

function ingress(subject: Subject): Finding[] {
  const owners = new Map<string, string>()
  return eachService(subject, ({ settings }, { environment, service, at }) =>
    settings.ingress.flatMap(({ host, path }) => {
      const route = `${host ?? ''}${path}`
      const key = `${environment} ${route}`
      const owner = owners.get(key)
      owners.set(key, owner ?? service)
      if (owner === undefined) return []
      const what = owner === service ? `lists ${route} twice` : `${route} belongs to ${owner} already`
      return [{ path: at('ingress'), what, remedy: 'choose another host or path' }]
    }),
  )
}
