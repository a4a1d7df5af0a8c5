import type { KubernetesObject } from './kubernetes-object.ts'
import { selectorOf } from './labels.ts'
import type { NetworkedService, NetworkPlan } from './network-plan.ts'

/** Nothing may talk to anything, but names may be looked up; then, service by service, what the blueprint says. */
export function networkPolicies(plan: NetworkPlan): readonly KubernetesObject[] {
  const ports = new Map(plan.services.map(({ name, port }) => [name, port]))
  const callers = new Map<string, string[]>(plan.services.map(({ name }) => [name, []]))
  for (const { name, calls } of plan.services) {
    for (const called of calls) callers.get(called)?.push(name)
  }
  return [
    policy(plan, { name: 'default-deny', spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } }),
    policy(plan, { name: 'allow-dns', spec: { podSelector: {}, policyTypes: ['Egress'], egress: [dns()] } }),
    ...plan.services.map(service =>
      policy(plan, {
        name: `service-${service.name}`,
        labels: service.labels,
        spec: {
          podSelector: { matchLabels: selectorOf(service.name) },
          policyTypes: ['Ingress', 'Egress'],
          ingress: incoming(plan, service, callers.get(service.name) ?? []),
          egress: outgoing(plan, service, ports),
        },
      }),
    ),
  ]
}

function policy(
  { namespace, labels }: NetworkPlan,
  given: { readonly name: string; readonly labels?: NetworkPlan['labels']; readonly spec: object },
): KubernetesObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: given.name, namespace, labels: given.labels ?? labels },
    spec: given.spec,
  }
}

function dns(): object {
  return {
    to: [
      {
        namespaceSelector: namespaceNamed('kube-system'),
        podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      },
    ],
    ports: [
      { protocol: 'UDP', port: 53 },
      { protocol: 'TCP', port: 53 },
    ],
  }
}

function incoming(
  plan: NetworkPlan,
  service: NetworkedService,
  callers: readonly string[],
): readonly object[] {
  const from = [
    ...callers.toSorted().map(podsOf),
    ...(service.open ? doorPeers(plan) : []),
    ...plan.apiServer.map(addresses),
    ...(plan.prometheusNamespace === undefined
      ? []
      : [{ namespaceSelector: namespaceNamed(plan.prometheusNamespace) }]),
  ]
  return from.length === 0 ? [] : [{ from, ports: [tcp(service.port)] }]
}

function doorPeers({ doors, namespace }: NetworkPlan): readonly object[] {
  if (doors.kind === 'addresses') return doors.cidrs.map(addresses)
  const elsewhere = { key: NAMESPACE_NAME, operator: 'NotIn', values: [namespace] }
  return [{ namespaceSelector: { matchExpressions: [elsewhere] } }]
}

function outgoing(
  { database }: NetworkPlan,
  { calls, egress }: NetworkedService,
  ports: ReadonlyMap<string, number>,
): readonly object[] {
  return [
    ...calls.toSorted().flatMap(called => {
      const port = ports.get(called)
      return port === undefined ? [] : [{ to: [podsOf(called)], ports: [tcp(port)] }]
    }),
    ...(database === undefined ? [] : [toAddresses(database.cidr, [database.port])]),
    ...egress.map(({ to, ports: allowed }) => toAddresses(to, allowed)),
  ]
}

const NAMESPACE_NAME = 'kubernetes.io/metadata.name'

const namespaceNamed = (name: string): object => ({ matchLabels: { [NAMESPACE_NAME]: name } })
const addresses = (cidr: string): object => ({ ipBlock: { cidr } })
const podsOf = (service: string): object => ({ podSelector: { matchLabels: selectorOf(service) } })
const tcp = (port: number): object => ({ protocol: 'TCP', port })
const toAddresses = (cidr: string, ports: readonly number[]): object => ({
  to: [{ ipBlock: { cidr } }],
  ports: ports.map(tcp),
})
