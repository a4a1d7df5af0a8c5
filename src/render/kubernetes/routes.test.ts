import { describe, expect, it } from 'vitest'
import { objectsOf, valuesOf } from '../testing/objects-of.ts'
import { inputOf } from '../testing/render-input.ts'
import { renderKubernetes } from './render-kubernetes.ts'

interface Written {
  readonly service?: string
  readonly environment?: string
}

/** The ways in, by name. */
function waysIn({ service = 'ingress: true', environment = '' }: Written): ReadonlyMap<string, unknown> {
  const input = inputOf(`
project: shop
monitoring: { prometheus: 'https://prometheus.example.com' }
services: { web: { build: ./web, ${service} } }
environments: { prod: { target: kubernetes, ${environment} } }`)
  return new Map(
    objectsOf(renderKubernetes(input))
      .filter(({ kind }) => kind === 'Ingress' || kind === 'HTTPRoute')
      .map(({ name, content }) => [name, content]),
  )
}

const at = (data: unknown, key: string): unknown => valuesOf(data, key)[0]
const annotation = (data: unknown, name: string): unknown => at(data, `alb.ingress.kubernetes.io/${name}`)

const TWO_HOSTS = `ingress: [a.example.com, { host: a.example.com, path: /x }, b.example.com]`

describe('an Ingress of the AWS Load Balancer Controller', () => {
  it('gives each color a weight, all of it to the one with the users', () => {
    const web = waysIn({}).get('web')
    expect(JSON.parse(String(annotation(web, 'actions.web')))).toEqual({
      type: 'forward',
      forwardConfig: {
        targetGroups: [
          { serviceName: 'web-blue', servicePort: 80, weight: 100 },
          { serviceName: 'web-green', servicePort: 80, weight: 0 },
        ],
      },
    })
    expect(at(web, 'service')).toEqual({ name: 'web', port: { name: 'use-annotation' } })
  })

  it('keeps users on their color when asked to', () => {
    const web = waysIn({ service: 'ingress: true, rollout: { sticky: true }' }).get('web')
    expect(annotation(web, 'actions.web')).toContain('"targetGroupStickinessConfig":{"enabled":true')
  })

  it('shares one load balancer with the other services, or with whom the blueprint says', () => {
    expect(annotation(waysIn({}).get('web'), 'group.name')).toBe('shop-prod')
    expect(
      annotation(waysIn({ environment: 'loadBalancer: { group: public }' }).get('web'), 'group.name'),
    ).toBe('public')
  })

  it('redirects to HTTPS with the certificate that is named', () => {
    const certificate = 'arn:aws:acm:eu-central-1:111122223333:certificate/a'
    const web = waysIn({ environment: `dns: { host: a.example.com, certificate: '${certificate}' }` }).get(
      'web',
    )
    expect(annotation(web, 'certificate-arn')).toBe(certificate)
    expect(annotation(web, 'ssl-redirect')).toBe('443')
    expect(at(web, 'tls')).toBeUndefined()
  })

  it('lets the controller find the certificate by the names of the service or of the environment', () => {
    expect(at(waysIn({ service: TWO_HOSTS }).get('web'), 'tls')).toEqual([
      { hosts: ['a.example.com', 'b.example.com'] },
    ])
    expect(at(waysIn({ environment: 'dns: { host: c.example.com }' }).get('web'), 'tls')).toEqual([
      { hosts: ['c.example.com'] },
    ])
  })

  it('serves HTTP where nobody told a name: a listener without a certificate is refused', () => {
    const web = waysIn({}).get('web')
    expect(annotation(web, 'listen-ports')).toBe('[{"HTTP":80}]')
    expect(annotation(web, 'ssl-redirect')).toBeUndefined()
  })

  it('asks for health no more often, and with no longer timeout, than Elastic Load Balancing allows', () => {
    const health = 'health: { readiness: { path: /ready, period: 1s, timeout: 60s } }'
    const web = waysIn({ service: `ingress: true, ${health}` }).get('web')
    expect(annotation(web, 'healthcheck-interval-seconds')).toBe('5')
    expect(annotation(web, 'healthcheck-timeout-seconds')).toBe('4')
  })

  it('is internal when the blueprint says so', () => {
    const web = waysIn({ environment: 'loadBalancer: { internal: true }' }).get('web')
    expect(annotation(web, 'scheme')).toBe('internal')
  })

  it('names the stable Service where a selector sends the users, and where a service is replaced in place', () => {
    const stable = { name: 'web', port: { name: 'http' } }
    const bySelector = waysIn({ environment: 'kubernetes: { switch: service }' }).get('web')
    const inPlace = waysIn({ service: 'ingress: true, rollout: { strategy: rolling }' }).get('web')
    expect(at(bySelector, 'service')).toEqual(stable)
    expect(at(inPlace, 'service')).toEqual(stable)
    expect(annotation(inPlace, 'actions.web')).toBeUndefined()
  })
})

describe('an Ingress of another class', () => {
  it('names the Service of the color with the users, and knows nothing of AWS', () => {
    const web = waysIn({ service: TWO_HOSTS, environment: 'kubernetes: { ingressClass: nginx }' }).get('web')
    expect(at(web, 'annotations')).toBeUndefined()
    expect(at(web, 'ingressClassName')).toBe('nginx')
    const service = { name: 'web-blue', port: { name: 'http' } }
    const path = (each: string) => ({ path: each, pathType: 'Prefix', backend: { service } })
    expect(at(web, 'rules')).toEqual([
      { host: 'a.example.com', http: { paths: [path('/'), path('/x')] } },
      { host: 'b.example.com', http: { paths: [path('/')] } },
    ])
  })
})

describe('an HTTPRoute', () => {
  const environment = 'kubernetes: { switch: gateway, gateway: infra/public }'

  it('gives each color a weight, on the Gateway that the blueprint names', () => {
    const web = waysIn({ environment }).get('web')
    expect(at(web, 'parentRefs')).toMatchObject([{ namespace: 'infra', name: 'public' }])
    expect(at(web, 'hostnames')).toBeUndefined()
    expect(at(web, 'backendRefs')).toMatchObject([
      { name: 'web-blue', port: 80, weight: 100 },
      { name: 'web-green', port: 80, weight: 0 },
    ])
  })

  it('is one for all hosts that have the same paths', () => {
    const ingress = `ingress: [a.example.com, b.example.com, c.example.com/x]`
    const ways = waysIn({ service: ingress, environment })
    expect(at(ways.get('web'), 'hostnames')).toEqual(['a.example.com', 'b.example.com'])
    expect(at(ways.get('web.2'), 'hostnames')).toEqual(['c.example.com'])
    expect(at(ways.get('web.2'), 'matches')).toEqual([{ path: { type: 'PathPrefix', value: '/x' } }])
  })
})

describe('a service that only others call', () => {
  it('has no way in', () => {
    expect([...waysIn({ service: 'port: 8080' })]).toEqual([])
    expect([
      ...waysIn({ service: 'port: 8080', environment: 'kubernetes: { switch: gateway, gateway: g }' }),
    ]).toEqual([])
  })
})
