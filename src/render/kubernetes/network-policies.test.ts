import { describe, expect, it } from 'vitest'
import { objectsOf, valuesOf } from '../testing/objects-of.ts'
import { inputOf } from '../testing/render-input.ts'
import { renderKubernetes } from './render-kubernetes.ts'

const policies = (environment: string): ReadonlyMap<string, unknown> =>
  new Map(
    objectsOf(
      renderKubernetes(
        inputOf(`
project: shop
monitoring: { prometheus: 'https://prometheus.example.com' }
services:
  api: { build: ./api, port: 8080, egress: [{ to: 10.20.0.0/16, ports: [443, 6379] }] }
  web: { build: ./web, calls: [api], ingress: true }
environments: { prod: { target: kubernetes, ${environment} } }`),
      ),
    )
      .filter(({ kind }) => kind === 'NetworkPolicy')
      .map(({ name, content }) => [name, valuesOf(content, 'spec')[0]]),
  )

const pods = (service: string) => ({ podSelector: { matchLabels: { 'app.kubernetes.io/name': service } } })
const tcp = (port: number) => ({ protocol: 'TCP', port })
const namespaceNamed = (name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
})

describe('network policies', () => {
  it('let nobody talk to anybody, and everybody look names up', () => {
    const given = policies('')
    expect(given.get('default-deny')).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
    expect(JSON.stringify(given.get('allow-dns'))).toContain('"k8s-app":"kube-dns"')
  })

  it('let the API server ask every service, where it is known where it connects from', () => {
    const given = policies('kubernetes: { ingressClass: nginx, apiServer: [10.20.1.0/28] }')
    const from = { ipBlock: { cidr: '10.20.1.0/28' } }
    for (const service of ['api', 'web'])
      expect(given.get(`service-${service}`)).toMatchObject({
        ingress: [{ from: expect.arrayContaining([from]) }],
      })
  })

  it('let a service call what the blueprint says that it calls, at the port of its process', () => {
    expect(policies('').get('service-web')).toMatchObject({
      egress: [{ to: [pods('api')], ports: [tcp(8080)] }],
    })
    expect(policies('').get('service-api')).toMatchObject({
      ingress: [{ from: [pods('web')], ports: [tcp(8080)] }],
      egress: [{ to: [{ ipBlock: { cidr: '10.20.0.0/16' } }], ports: [tcp(443), tcp(6379)] }],
    })
  })

  it('open a service to the load balancer, which stands in the environment’s network', () => {
    const given = policies('network: { cidr: 10.9.0.0/16 }, kubernetes: { cluster: {} }')
    expect(given.get('service-web')).toMatchObject({
      ingress: [{ from: [{ ipBlock: { cidr: '10.9.0.0/16' } }], ports: [tcp(3000)] }],
    })
  })

  it('open it to private addresses where the cluster stands in a network that nobody told', () => {
    expect(JSON.stringify(policies('').get('service-web'))).toContain('172.16.0.0/12')
  })

  it('open it to pods of other namespaces where an ingress controller or a gateway runs in the cluster', () => {
    const elsewhere = { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['shop-prod'] }
    expect(policies('kubernetes: { ingressClass: nginx }').get('service-web')).toMatchObject({
      ingress: [{ from: [{ namespaceSelector: { matchExpressions: [elsewhere] } }] }],
    })
  })

  it('let services reach the database, and Prometheus of the same cluster reach them', () => {
    const monitoring = `monitoring: { prometheus: 'http://prometheus.monitoring:9090' }`
    const given = policies(
      `network: { cidr: 10.9.0.0/16 }, database: { engine: mysql, version: '8.0' }, ${monitoring}`,
    )
    expect(given.get('service-web')).toMatchObject({
      egress: [{ to: [pods('api')] }, { to: [{ ipBlock: { cidr: '10.9.0.0/16' } }], ports: [tcp(3306)] }],
    })
    expect(given.get('service-api')).toMatchObject({
      ingress: [{ from: [pods('web'), namespaceNamed('monitoring')] }],
    })
  })

  it('open nothing to a Prometheus elsewhere', () => {
    const given = policies(`monitoring: { prometheus: 'https://prometheus.example.com' }`)
    expect(JSON.stringify([...given])).not.toContain('"example"')
  })
})
